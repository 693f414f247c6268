import { afterAll, beforeAll, expect, test } from 'vitest'
import { attachLab, until } from '#lab'
import { run } from './command.ts'
import type { StatusDocument } from './status.ts'
import { type TestHome, testHome } from './test-home.ts'

/** One's own GPUs in a lab by its commands: three workers of three cards. */

let home: TestHome
beforeAll(async () => {
  home = await testHome('own-gpus')
})
afterAll(async () => {
  await lab('down')
  await home.nothingLeft()
  await home.remove()
})

const lab = (...args: string[]) => run(args, { PREFETCH_LAB_HOME: home.labs }).ended
const status = async () => JSON.parse((await lab('status', '--json')).stdout) as StatusDocument
const PREFETCH = ['--set', 'worker-1:workerPrefetchTasks=2', '--set', 'worker-3:workerPrefetchTasks=4']
const OWN = ['--gpus', 'rtx-4090,rtx-3060,rtx-3060:slots=4', ...PREFETCH]

test('each card has a worker, each with its own settings, and the same line finds the lab', async () => {
  const up = await lab('up', ...OWN, '--json')
  expect(up.exitCode, up.stderr).toBe(0)
  const { parts, workers } = JSON.parse(up.stdout) as StatusDocument
  expect(parts.map(({ name, state, gpuProfile }) => [name, state, gpuProfile])).toEqual([
    ...['rabbitmq', 'postgres', 'im-a', 'im-b'].map(name => [name, 'ready', undefined]),
    ['gpu-1', 'ready', 'rtx-4090'],
    ...['gpu-2', 'gpu-3'].map(name => [name, 'ready', 'rtx-3060']),
    ...['worker-1', 'worker-2', 'worker-3', 'console'].map(name => [name, 'ready', undefined]),
  ])
  expect(workers.map(({ name, gpu, prefetchTasks, slots, held }) => [name, gpu, prefetchTasks, slots, held])).toEqual([
    ['worker-1', 'gpu-1', 2, 1, 0],
    ['worker-2', 'gpu-2', 1, 1, 0],
    ['worker-3', 'gpu-3', 4, 4, 0],
  ])
  expect((await lab('up', ...OWN)).stdout).toMatch(/was up already/)
  const other = await lab('up', '--gpus', 'rtx-4090,rtx-3060')
  expect([other.exitCode, other.stderr]).toEqual([2, expect.stringMatching(/SETTINGS_DIFFER[\s\S]*worker-3, console \(asked: /)])
})

test('status shows what each worker holds, and since when, in 80 columns', async () => {
  process.env['PREFETCH_LAB_HOME'] = home.labs
  await using running = await attachLab('main')
  for (const gpu of ['gpu-1', 'gpu-2', 'gpu-3']) await running.faults(gpu, { hangAfterTokens: 3 })
  const ann = await running.client('ann')
  const asked = Array.from({ length: 9 }, (_, i) => ann.send('URobot', `question ${i}`))
  expect((await Promise.all(asked)).map(({ state }) => state)).toEqual(Array(9).fill('stored'))
  const rows = async () => (await status()).workers.map(({ held, running: busy }) => [held, busy])
  await until('each has what its prefetch allows', rows, {
    equals: [
      [2, 1],
      [1, 1],
      [4, 4],
    ],
    withinMs: 30_000,
  })
  const { workers, queues } = await status()
  expect(workers.every(({ oldestMs }) => oldestMs !== null && oldestMs > 0)).toBe(true)
  expect(queues.find(({ name }) => name === 'bot.tasks')).toMatchObject({ ready: 2, unacked: 7, consumers: 3 })
  const { stdout } = await lab('status')
  expect(stdout).toMatch(/worker-1 +2 +1 +2 +1 +\d+ s\nworker-2 +1 +1 +1 +1 +\d+ s\nworker-3 +4 +4 +4 +4 +\d+ s\n/)
  expect(Math.max(...stdout.split('\n').map(line => line.length))).toBeLessThanOrEqual(80)
  await running.kill('worker-3')
  const killed = (await status()).workers.find(({ name }) => name === 'worker-3')
  expect(killed).toMatchObject({ held: null, running: null, oldestMs: null })
  for (const gpu of ['gpu-1', 'gpu-2', 'gpu-3']) await running.faults(gpu, {})
})
