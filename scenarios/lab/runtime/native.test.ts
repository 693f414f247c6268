import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { until } from '../until.ts'
import { clearFolder } from './clear.ts'
import { freePort, isFree } from './ports.ts'
import { isAlive, processId, statOf } from './proc.mjs'
import { gone, isPaused, launch, MARK_VARIABLE, processesOf, signalAll, treeOf } from './processes.ts'
import { labFolder, loadState } from './state.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'native-ö-'))
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
  expect(isAlive(shell)).toBe(true)
  expect(isAlive({ ...shell, startTime: '1' })).toBe(false)
  // A shell that waits for its child to become a program cannot be frozen.
  const sleeping = () => processesOf(folder).filter(({ pid }) => statOf(pid)?.name === 'sleep')
  await until('two children sleep', () => sleeping().length, { equals: 2, withinMs: 5_000 })
  const all = processesOf(folder)
  expect(all).toHaveLength(3)
  expect(
    treeOf(shell)
      .map(id => id.pid)
      .sort(),
  ).toEqual(all.map(id => id.pid).sort())
  signalAll(all, 'SIGSTOP')
  await until('it is frozen', () => isPaused(shell), { equals: true, withinMs: 5_000 })
  await clearFolder(folder)
  expect(await gone(all, 0)).toBe(true)
  expect(processesOf(folder)).toEqual([])
})

test('an empty folder that holds the labs stays: we did not make it', async () => {
  const lab = join(folder, 'main')
  await mkdir(lab)
  await clearFolder(lab)
  expect([existsSync(lab), existsSync(folder)]).toEqual([false, true])
})

test("a recycled pid is nobody's", async () => {
  const other = spawn('sleep', ['60'])
  const id = { pid: other.pid ?? 0, startTime: '1' }
  signalAll([id], 'SIGKILL')
  expect(processId(id.pid)).toBeDefined()
  other.kill()
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
