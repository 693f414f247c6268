import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { modelRun } from '#evidence/fixture'
import { writeRun } from '#evidence/store/run-folder'
import { compare, readSide } from './compare.ts'

let reports = ''
const at = (name: string) => join(reports, 'runs', name)
const [FIRST, SECOND] = ['20261124T100000Z-made-up', '20261124T110000Z-made-up'] as const
beforeAll(async () => {
  reports = await mkdtemp(join(tmpdir(), 'compare-'))
  const { run, histories } = modelRun({ prompts: 60 })
  for (const name of [FIRST, SECOND]) {
    await mkdir(at(name), { recursive: true })
    await writeRun(at(name), run, histories)
  }
})
afterAll(() => rm(reports, { recursive: true, force: true }))

describe('sides as they are typed', () => {
  test.each(['#B', '#prefetch 250', ':prefetch 250', '#250'])('an arm by letter, name or a part of it: %s', async arm => {
    const { runs } = await readSide(`${at(FIRST)}${arm}`)
    expect(runs.map(({ arms }) => arms.map(each => each.arm))).toEqual([['prefetch 250']])
  })
  test('several runs, with commas; a comma with a space belongs to a name', async () => {
    expect((await readSide(`${at(FIRST)},${at(SECOND)}`)).runs).toHaveLength(2)
    const comma = readSide(`${at(FIRST)}#backlog, slow first`)
    await expect(comma).rejects.toThrow(/got "backlog, slow first"\. There are: A "small prefetch", B "prefetch 250"/)
  })
  test('a name that fits two arms is refused', () => expect(readSide(`${at(FIRST)}#prefetch`)).rejects.toThrow('which 2 match'))
  test('a link to a run is called by the run', async () => expect((await readSide(join(reports, 'latest'))).label).toBe(SECOND))
})

test('a comparison leaves a folder: document, page, Markdown', async () => {
  const typed = [`${at(FIRST)}#A`, `${at(SECOND)}#prefetch 250`]
  const { document, folder } = await compare(typed, '2026-11-24T14:00:00.000Z', reports)
  expect(folder).toBe(at('20261124T140000Z-compare'))
  expect((await readdir(folder)).sort()).toEqual(['compare.json', 'report.html', 'report.md'])
  const stored = JSON.parse(await readFile(join(folder, 'compare.json'), 'utf8')) as { verdict: string; command: string }
  expect(stored.verdict).toBe(document.verdict)
  expect(stored.command).toContain(`'${typed[1]}'`) // A shell takes it so.
})
