import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { modelRun } from '#evidence/fixture'
import type { HistoryEvent } from '#evidence/history'
import { historyText } from '#evidence/run-document'
import { readRun } from '#evidence/store/run-folder'
import { newestRun, readStored } from '#evidence/store/stored'
import { runJudgedAgain } from '../../reports/judged-again.ts'
import { loadFixture } from '../../reports/load/fixture.ts'
import { judgeAgain } from '../../scenarios/experiment/judge-again.ts'
import { judgeOf, loadScenario } from './find.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stored-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const writeDocument = (document: object) => writeFile(join(folder, 'run.json'), JSON.stringify(document))
const writeHistory = (histories: Iterable<[string, HistoryEvent[]]>) =>
  writeFile(join(folder, 'history.jsonl.gz'), gzipSync([...histories].map(([arm, events]) => historyText(arm, events)).join('')))
const bad = (message: RegExp) => ({ code: 'BAD_RUN', message: expect.stringMatching(message) })

describe('the history of another run', () => {
  const { load, histories } = loadFixture({ seconds: 2 })
  const events = histories.get('load')!
  test('a load test with its own is read', async () => {
    await writeDocument(load)
    await writeHistory(histories)
    expect((await readStored(folder)).kind).toBe('load')
  })
  test('a load test with fewer events than it counted', async () => {
    await writeDocument(load)
    await writeHistory([['load', events.slice(1)]])
    await expect(readStored(folder)).rejects.toMatchObject(
      bad(/expected 300 events of "load" in its history, got 299[\s\S]*npm run load -- chat/),
    )
  })
  test('a load test without its history; other engines have none', async () => {
    await writeDocument(load)
    await expect(readStored(folder)).rejects.toMatchObject(bad(/expected 300 events .* got none/))
    await writeDocument({ ...load, engine: 'k6', events: 0, facts: null })
    expect((await readStored(folder)).kind).toBe('load')
  })
  test('a scenario with that of a load test, or with an arm too many', async () => {
    const made = modelRun({ prompts: 20 })
    await writeDocument(made.run)
    await writeHistory(histories)
    await expect(readStored(folder)).rejects.toMatchObject(bad(/expected \d+ events of "small prefetch" in its history, got none/))
    await writeHistory([...made.histories, ['load', events]])
    await expect(readStored(folder)).rejects.toMatchObject(bad(/has events of "load", which the run does not have/))
  })
})

test('an old matrix is read; the matrix.json beside a run does not hide the run', async () => {
  const { load } = loadFixture()
  const { startedAt, commit, machine } = load
  const document = { schemaVersion: 1, startedAt, node: 'v24.0.0', labVersion: '0.1.0', commit, machine, matrix: [] }
  await writeFile(join(folder, 'matrix.json'), JSON.stringify(document))
  expect(await readStored(folder)).toEqual({ kind: 'matrix', document })
  const made = modelRun({ prompts: 20 })
  await writeDocument(made.run)
  await writeHistory(made.histories)
  expect((await readStored(folder)).kind).toBe('scenario')
})

test('check judges a matrix by the arms of its generations', async () => {
  const [arm] = modelRun({ prompts: 20 }).run.arms
  const parameters = { generation: '4.3', queueType: 'classic' }
  const judge = await judgeOf({ scenario: 'nack-requeue-matrix', arms: [{ ...arm!, parameters }] })
  expect(judge.arms.map(({ name }) => name)).toEqual(['4.3, quorum', '4.3, quorum, delayed retry', '4.3, classic'])
})

test('check judges a run on several generations by the arms of each', async () => {
  const [arm] = modelRun({ prompts: 20 }).run.arms
  const generations = ['3.10', '4.3'] as const
  const judge = await judgeOf({ scenario: 'crash-loop', arms: generations.map(generation => ({ ...arm!, generation })) })
  expect([judge.arms, judge.controls].map(arms => arms.map(({ name, broker }) => [name, broker]))).toEqual([
    [
      ['3.10, prefetch 1', '3.10'],
      ['3.10, prefetch 5, begins counted', '3.10'],
      ['4.3, prefetch 1', '4.3'],
      ['4.3, prefetch 5, begins counted', '4.3'],
    ],
    [
      ['4.3, prefetch 5', '4.3'],
      ['3.10, prefetch 5', '3.10'],
    ],
  ])
})

describe('folders without a run', () => {
  test('a schema that does not fit: its path, its message, and what makes one of its kind', async () => {
    await writeDocument({ ...loadFixture().load, seed: 'x', workload: 1 })
    await expect(readStored(folder)).rejects.toMatchObject(
      bad(
        /not a readable run: workload: Invalid input: expected string, received number \(and 1 more like it\)\.\nExpected .*npm run load -- chat$/,
      ),
    )
  })
  test('an event that does not fit: its line', async () => {
    await writeDocument(loadFixture().load)
    await writeFile(join(folder, 'history.jsonl.gz'), gzipSync('{"arm":"load","kind":"none","atMs":1}\n'))
    await expect(readStored(folder)).rejects.toMatchObject(bad(/run: history\.jsonl line 1: kind: Invalid/))
  })
  test('a comparison is not a run', async () => {
    await writeFile(join(folder, 'compare.json'), '{}')
    await expect(readStored(folder)).rejects.toMatchObject(bad(/a comparison, not a run\.\nOpen it: .*report\.html$/))
  })
})

test('the newest run is the newest folder that holds one; without any, what to type', async () => {
  await expect(newestRun(folder)).rejects.toThrow('has no run yet')
  for (const [name, file] of [
    ['20261124T100000Z-made-up', 'run.json'],
    ['20261124T120000Z-load-chat', 'run.json'],
    ['20261124T130000Z-compare', 'compare.json'],
  ] as const) {
    await mkdir(join(folder, name))
    await writeFile(join(folder, name, file), '{}')
  }
  expect(await newestRun(folder)).toBe(join(folder, '20261124T120000Z-load-chat'))
})

test('check judges a load test again, and exits by its verdict', async () => {
  const { load, histories } = loadFixture({ seconds: 2 })
  await writeDocument({ ...load, plan: { traffic: [{ kind: 'chat' }] } })
  await writeHistory(histories)
  const check = promisify(execFile)(process.execPath, [join(import.meta.dirname, '..', 'check.ts'), folder])
  // Nobody sees what they wrote themselves in that history.
  await expect(check).rejects.toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/^FAIL load test of chat, seed 1: it was pass when it ran[\s\S]*check fail \(was pass\) {2}lost/),
  })
})

test('a run stored before findings were data gets the same verdicts from check', async () => {
  const stored = await readRun(join(import.meta.dirname, '..', '..', 'scenarios', 'evidence', 'store', 'version-1'))
  const again = judgeAgain(await loadScenario(stored.document.scenario), stored.document, stored.histories)
  expect([again.verdict, again.arms.map(({ verdict }) => verdict)]).toEqual(['pass', ['pass', 'broke']])
  expect(runJudgedAgain(stored.document, again)).toMatch(/^PASS conversation-order, seed 1: the same verdict as when it ran\n/)
})
