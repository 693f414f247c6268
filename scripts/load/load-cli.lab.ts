import { access, mkdtempDisposable, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { $ } from 'zx'
import { LoadDocument } from '../../loadtest/index.ts'

const root = join(import.meta.dirname, '..', '..')
const load = (...args: string[]) => $({ cwd: root, nothrow: true, quiet: true })`node scripts/load.ts ${args}`

test('one JSON document with its run folder, and a JUnit file; a busy machine may void the times, nothing may be lost', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'load-'))
  const junit = join(folder.path, 'load.xml')
  const run = await load('chat', '--rate', '100', '--users', '20', '--for', '2s', '--warm-up', '500ms', '--json', '--junit', junit)
  expect(await readFile(junit, 'utf8')).toMatch(/name="load chat"/)

  expect([0, 4], run.stderr).toContain(run.exitCode)
  const document = JSON.parse(run.stdout) as Record<string, unknown>
  expect(document).toMatchObject({
    schemaVersion: 2,
    detail: expect.any(String),
    workload: 'chat',
    lost: 0,
    duplicates: 0,
    thresholds: expect.any(Array),
    machine: expect.any(Object),
  })
  expect((document['perSecond'] as unknown[]).length).toBeGreaterThan(0)
  expect(run.stderr).toMatch(/time 1\.0 s, sent \d+\/s, stored \d+\/s, seen \d+\/s/)
  const stored = LoadDocument.parse(JSON.parse(await readFile(join(root, String(document['folder']), 'run.json'), 'utf8')))
  expect(stored.verdict).toBe(document['verdict'])
  await access(join(root, String(document['folder']), 'history.jsonl.gz'))
})

test('one’s own trace on one’s own cards: what was sent, what was left out, and the model beside it', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'load-'))
  const trace = join(folder.path, 'own.csv')
  const rows = Array.from({ length: 300 }, (_, i) => `${5 * i + (i % 4)},${i % 20 === 7 ? 9_000 : 300},${40 + 30 * (i % 7)}`)
  await writeFile(trace, `at,in,out\n${rows.join('\n')}\n`)
  const own = ['--gpus', 'rtx-4090,rtx-3060:slots=2', '--set', 'worker-2:workerPrefetchTasks=2']
  const columns = ['--columns', 'time=at:s,prompt=in,answer=out']
  const run = await load('bot', '--trace', trace, ...columns, ...own, '--load', '0.6', '--for', '4s', '--json', '--runtime', 'native')
  expect([0, 4], run.stderr).toContain(run.exitCode)
  const { lost, duplicates, trace: sent, model } = JSON.parse(run.stdout) as LoadDocument
  expect([lost, duplicates]).toEqual([0, 0])
  expect(sent).toMatchObject({ file: trace, tooLong: { how: 'skip', promptTokensMax: 4_095 } })
  expect(Math.abs(sent!.tooLong.rows - sent!.rows / 19)).toBeLessThan(1.1)
  expect(model!.prompts).toBe(sent!.rows)
  expect(model!.loadWithGap!).toBeGreaterThan(0.6)
  expect(model!.predictedLowMs).toBeLessThanOrEqual(model!.predictedWaitP95Ms)
  expect(run.stderr).toMatch(
    /\d+ prompts of .*own\.csv, its gaps x [\d.]+ before the time scale; \d+ prompts? longer than 4095 tokens .*: left out/,
  )
})

test('Ctrl-C ends it with what was measured so far', async () => {
  const run = load('chat', '--rate', '100', '--users', '20', '--for', '60s', '--warm-up', '500ms')
  // The second line: a second was measured whole.
  run.stderr.on('data', (chunk: Buffer) => {
    if (/time 2\.0 s/.test(String(chunk))) run.child?.kill('SIGINT')
  })
  const end = await run
  expect([end.exitCode, end.stdout]).toEqual([130, expect.stringMatching(/^UNKNOWN chat: interrupted; until then/)])
  expect(end.stdout).toMatch(/lost 0, shown twice 0/)
})

test('impossible options are refused before a lab starts, with what to type', async () => {
  const beyondK6 = [
    ['mixed'],
    ['chat', '--storm'],
    ['chat', '--pairs', 'same-node'],
    ['chat', '--arrivals', 'bursts'],
    ['chat', '--closed', '9'],
  ]
  for (const args of [
    ['mail'],
    ['chat', '--rate', '10', '--closed', '10'],
    ['chat', '--for', 'long'],
    ['bot', '--load', '0.5', '--rate', '9'],
    ['chat', '--load', '0.5'],
    ['bot', '--trace', 'x.csv', '--prompt-tokens', '9'],
    ['noop', '--junit', 'x.xml'],
    ['chat', '--find-rate', '--junit', 'x.xml'],
    ...beyondK6.map(words => [...words, '--engine', 'k6']),
  ]) {
    const run = await load(...args)
    expect([run.exitCode, run.stderr.split('\n')[0]]).toEqual([3, expect.stringMatching(/^BAD_LOAD: /)])
  }
})
