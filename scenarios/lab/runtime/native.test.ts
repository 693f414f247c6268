import { spawn } from 'node:child_process'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { until } from '../until.ts'
import { clearFolder } from './clear.ts'
import { lockOwner, takeLock } from './lock.ts'
import { freePort, isFree } from './ports.ts'
import { gone, isAlive, isPaused, launch, MARK_VARIABLE, processesOf, processId, signalAll, treeOf } from './processes.ts'
import { labFolder, loadState } from './state.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'native-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const marked = (script: string) =>
  launch({
    command: 'sh',
    args: ['-c', script],
    env: { PATH: '/usr/bin:/bin', [MARK_VARIABLE]: `${folder}:1` },
    cwd: '/',
    logFile: join(folder, 'log'),
  })

test('a process is known by pid and start time; its children by the mark; all of them end', async () => {
  const shell = await marked('sleep 60 & sleep 60')
  expect(await isAlive(shell)).toBe(true)
  expect(await isAlive({ ...shell, startTime: '1' })).toBe(false)
  const all = await until('two children', () => processesOf(folder), { is: found => found.length === 3, withinMs: 5_000 })
  expect((await treeOf(shell)).map(id => id.pid).sort()).toEqual(all.map(id => id.pid).sort())
  await signalAll(all, 'SIGSTOP')
  await until('it is frozen', () => isPaused(shell), { equals: true, withinMs: 5_000 })
  await clearFolder(folder)
  expect(await gone(all, 0)).toBe(true)
  expect(await processesOf(folder)).toEqual([])
})

test("a recycled pid is nobody's", async () => {
  const other = spawn('sleep', ['60'])
  const id = { pid: other.pid ?? 0, startTime: '1' }
  await signalAll([id], 'SIGKILL')
  expect(await processId(id.pid)).toBeDefined()
  other.kill()
})

test('a lock has one owner; one left by a dead process counts for nothing', async () => {
  const file = join(folder, 'main.lock')
  const first = await takeLock(file)
  expect([first !== undefined, await takeLock(file), (await lockOwner(file))?.pid]).toEqual([true, undefined, process.pid])
  await first?.[Symbol.asyncDispose]()
  expect(await readdir(folder).catch(() => [])).toEqual([])
})

test.each([['{"pid":1,"startTime":"no"}'], ['rubbish'], ['']])('a stale lock (%j) is taken over by one of many', async text => {
  const file = join(folder, 'main.lock')
  await writeFile(file, text)
  const taken = await Promise.all(Array.from({ length: 8 }, () => takeLock(file)))
  expect(taken.filter(lock => lock !== undefined)).toHaveLength(1)
  expect(await readdir(folder)).toEqual(['main.lock'])
})

test('a command killed while it removed a stale lock blocks no other', async () => {
  const file = join(folder, 'main.lock')
  for (const left of [file, `${file}.over`]) await writeFile(left, '{"pid":1,"startTime":"no"}')
  await using lock = await takeLock(file)
  expect([lock?.file, await readdir(folder)]).toEqual([file, ['main.lock']])
})

test('a free port is free, below those of outgoing connections, and not among the taken', async () => {
  const port = await freePort(new Set())
  expect(await isFree(port)).toBe(true)
  expect(port).toBeLessThan(32_768)
  const server = createServer()
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
  expect(await isFree(port)).toBe(false)
  server.close()
})

test('an unreadable state counts as none; names that leave the home are refused', async () => {
  await writeFile(join(folder, 'state.json'), '{"schemaVersion":1,"na')
  expect(await loadState(folder)).toBeUndefined()
  for (const name of ['..', 'a/b', '', 'A', 'x'.repeat(33)]) expect(() => labFolder('/home', name)).toThrow(/--name/)
})
