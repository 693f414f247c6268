import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { modelRun } from '#evidence/fixture'
import { historyText } from '#evidence/run-document'
import { compare, readSide } from './compare.ts'

let reports = ''
const at = (name: string) => join(reports, 'runs', name)
beforeAll(async () => {
  reports = await mkdtemp(join(tmpdir(), 'compare-'))
  const { run, histories } = modelRun({ prompts: 60 })
  const events = [...histories].map(([arm, list]) => historyText(arm, list)).join('')
  for (const name of ['20261124T100000Z-made-up', '20261124T110000Z-made-up']) await store(name, run, events)
})
afterAll(() => rm(reports, { recursive: true, force: true }))

async function store(name: string, document: object, events: string): Promise<void> {
  await mkdir(at(name), { recursive: true })
  await writeFile(join(at(name), 'run.json'), JSON.stringify(document))
  await writeFile(join(at(name), 'history.jsonl.gz'), gzipSync(events))
}

describe('sides as they are typed', () => {
  const folder = () => at('20261124T100000Z-made-up')
  test.each(['#B', '#prefetch 250', ':prefetch 250', '#250'])('an arm by letter, name or a part of it: %s', async arm => {
    const side = await readSide(`${folder()}${arm}`)
    expect(side.runs[0]!.arms.map(each => each.arm)).toEqual(['prefetch 250'])
    expect(side.named).toBe(true)
  })
  test('several runs, with commas; a comma with a space belongs to a name', async () => {
    expect((await readSide(`${folder()},${at('20261124T110000Z-made-up')}`)).runs).toHaveLength(2)
    await expect(readSide(`${folder()}#backlog, slow first`)).rejects.toThrow(
      /got "backlog, slow first"\. There are: A "small prefetch", B "prefetch 250"/,
    )
  })
  test('a link to a run is called by the run', async () => {
    await symlink(join('runs', '20261124T100000Z-made-up'), join(reports, 'latest'))
    expect((await readSide(join(reports, 'latest'))).label).toBe('20261124T100000Z-made-up')
  })
  test('a name that fits two arms is refused', async () => {
    await expect(readSide(`${folder()}#prefetch`)).rejects.toThrow('which 2 match')
  })
})

test('a comparison leaves a folder: document, page, Markdown', async () => {
  const typed = [`${at('20261124T100000Z-made-up')}#A`, `${at('20261124T110000Z-made-up')}#prefetch 250`]
  const { document, folder } = await compare(typed, '2026-11-24T14:00:00.000Z', reports)
  expect(folder).toBe(at('20261124T140000Z-compare'))
  expect((await readdir(folder)).sort()).toEqual(['compare.json', 'report.html', 'report.md'])
  const stored = JSON.parse(await readFile(join(folder, 'compare.json'), 'utf8')) as { verdict: string; command: string }
  expect(stored.verdict).toBe(document.verdict)
  expect(stored.command).toContain(`'${typed[1]}'`) // A shell takes it so.
})
