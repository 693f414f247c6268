import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { modelRun } from '#evidence/fixture'
import { historyText } from '#evidence/run-document'

const start = promisify(execFile)
const SCRIPT = join(import.meta.dirname, 'report.ts')
/** @param from where the user is */
const report = (path: string, from = process.cwd()) => start(process.execPath, [SCRIPT, path], { env: { ...process.env, INIT_CWD: from } })

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'report-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test('a stored run becomes a page, Markdown and JUnit; stdout names them', async () => {
  const { run, histories } = modelRun({ prompts: 40 })
  await writeFile(join(folder, 'run.json'), JSON.stringify(run))
  await writeFile(join(folder, 'history.jsonl.gz'), gzipSync([...histories].map(([arm, events]) => historyText(arm, events)).join('')))
  const { stdout } = await report(folder)
  expect(
    stdout
      .trim()
      .split('\n')
      .map(path => basename(path)),
  ).toEqual(['report.html', 'report.md', 'junit.xml'])
  expect(stdout.startsWith(folder)).toBe(true) // Outside of where we are.
  expect((await report(folder, folder)).stdout).toBe('report.html\nreport.md\njunit.xml\n')
  expect((await readdir(folder)).sort()).toEqual(['history.jsonl.gz', 'junit.xml', 'report.html', 'report.md', 'run.json'])
})

test('the autoscaler is set by its options; senseless ones are refused', async () => {
  const { run, histories } = modelRun({ prompts: 40 })
  await writeFile(join(folder, 'run.json'), JSON.stringify(run))
  await writeFile(join(folder, 'history.jsonl.gz'), gzipSync([...histories].map(([arm, events]) => historyText(arm, events)).join('')))
  await start(process.execPath, [SCRIPT, folder, '--keda-value', '2', '--keda-polling', '5s'])
  expect(await readFile(join(folder, 'report.md'), 'utf8')).toContain('with 2 messages a replica and a look every 5 s. Over')
  await expect(start(process.execPath, [SCRIPT, folder, '--keda-value', '0'])).rejects.toMatchObject({
    code: 3,
    stderr: expect.stringContaining('Expected a number above 0'),
  })
})

test('a folder without a run: what is missing, and what to type', async () => {
  await expect(report(folder)).rejects.toMatchObject({
    code: 3,
    stderr: expect.stringMatching(
      /^BAD_RUN: .*not a readable run: there is no .*run\.json\.[\s\S]*(?:The newest runs:|npm run scenario -- )/,
    ),
  })
})

test('compare: text for people, one document for programs, usage for too little', async () => {
  const { run, histories } = modelRun({ prompts: 40 })
  await writeFile(join(folder, 'run.json'), JSON.stringify(run))
  await writeFile(join(folder, 'history.jsonl.gz'), gzipSync([...histories].map(([arm, events]) => historyText(arm, events)).join('')))
  await expect(start(process.execPath, [SCRIPT, 'compare', folder])).rejects.toMatchObject({ code: 3, stderr: /expected two runs or more/ })
})
