import { mkdtemp, readdir, readlink, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { EXIT } from '#contracts/parts'
import { readRun } from '#evidence/store/run-folder'
import { scenario } from '#experiment'
import { LabError } from '#lab'
import { verdictText } from '../../reports/finding-words.ts'
import { FakeLab } from '../../scenarios/experiment/fake-lab.ts'
import { type OneOptions, runOne } from './one.ts'
import { exitCodeOf } from './result.ts'

/** What a run leaves behind when something goes wrong. */

let reports = ''
beforeEach(async () => {
  reports = await mkdtemp(join(tmpdir(), 'reports-'))
})
afterEach(() => rm(reports, { recursive: true, force: true }))

const folders = () => readdir(join(reports, 'runs'))
const made = (run: () => Promise<void>) =>
  scenario('made-up', {
    claim: '',
    sizes: { quick: {}, full: {} },
    arms: [{ name: 'first' }, { name: 'second' }],
    controls: [],
    run,
    checks: [],
  })

const broken = made(async () => {
  throw new Error('broken')
})

async function one(script: typeof broken, more: Partial<OneOptions> = {}) {
  const labs: FakeLab[] = []
  const said: string[] = []
  const start = async () => {
    const lab = new FakeLab()
    labs.push(lab)
    return lab
  }
  const signal = new AbortController().signal
  const run = await runOne(script, { seed: 1, size: 'quick', signal, start, reports, say: text => said.push(text), ...more })
  return { run, labs, said, stored: await readRun(resolve(run.folder)), files: await readdir(resolve(run.folder)) }
}

test('an error in the script: the run is stored with what was recorded, the error and the logs, and rendered', async () => {
  const { run, stored, said, files } = await one(broken)
  expect(stored.document.arms.map(verdictText)).toEqual(Array(2).fill('the arm ended by an error: Error: broken'))
  expect([...stored.histories.keys()]).toEqual(['first', 'second'])
  expect(files.sort()).toEqual(['history.jsonl.gz', 'junit.xml', 'logs', 'report.html', 'report.md', 'run.json'])
  expect(await readdir(join(resolve(run.folder), 'logs', 'first'))).toContain('im-a.log')
  expect(await readlink(join(reports, 'latest'))).toBe(join('runs', basename(run.folder)))
  expect(said.join('\n')).toMatch(/Error: broken\n +at /)
  expect(exitCodeOf([run.document])).toBe(EXIT.unknown)
})

test('--keep: the lab of the first arm that is broken stands, and its run is stored', async () => {
  const { run, labs, stored } = await one(broken, { keep: true })
  expect([run.kept, labs.map(lab => lab.done), stored.document.arms.length]).toEqual([true, [['keep']], 1])
})

test('a bug in a chart does not cost the run', async () => {
  const render = () => {
    throw new TypeError('no such colour')
  }
  const { run, stored } = await one(broken, { render })
  expect(run.error).toBeInstanceOf(TypeError)
  expect(stored.document.arms).toHaveLength(2)
})

test('a failed start and an interrupt leave no folder', async () => {
  const start = () => Promise.reject(new LabError('PORT_TAKEN', 'taken'))
  await expect(one(broken, { start })).rejects.toThrow('taken')
  const stop = new AbortController()
  const interrupted = made(async () => stop.abort(new Error('SIGINT')))
  await expect(one(interrupted, { signal: stop.signal })).rejects.toThrow('SIGINT')
  expect(await folders()).toEqual([])
})

test('exit codes: a failed claim is 1, and no error is; an operating error says its own, a bug leaves it unknown', () => {
  const [pass, fail, unknown] = (['pass', 'fail', 'unknown'] as const).map(verdict => ({ verdict }))
  expect(exitCodeOf([pass!])).toBe(EXIT.ok)
  expect(exitCodeOf([pass!, unknown!])).toBe(EXIT.unknown)
  expect(exitCodeOf([pass!], [new TypeError('bug')])).toBe(EXIT.bug)
  expect(exitCodeOf([unknown!], [new LabError('PORT_TAKEN', ''), new TypeError('bug')])).toBe(EXIT.bug)
  expect(exitCodeOf([pass!], [new LabError('TIMED_OUT', '')])).toBe(EXIT.environment)
  expect(exitCodeOf([fail!, unknown!], [new LabError('PORT_TAKEN', '')])).toBe(EXIT.failed)
})
