import { expect, test } from 'vitest'
import { LiveLines } from '../../reports/load/live.ts'
import { BadLoad } from './bad-load.ts'
import { type LoadOptionsGiven, loadMs, planOf, tamperOf } from './options.ts'

const GIVEN: LoadOptionsGiven = {
  for: '30s',
  warmUp: '3s',
  pairs: 'across-nodes',
  arrivals: 'poisson',
  bytes: 200,
  storm: false,
  timeScale: 50,
  seed: 1,
  design: 'sound',
  gpus: '',
  gpu: [],
  set: [],
  p99Ms: 250,
  ttftMs: 20_000,
  connections: 10_000,
}

test('durations are read with their unit, anything else is refused with an example', () => {
  expect(['30s', '1500ms', '2m', '0.5s'].map(text => loadMs('--for', text))).toEqual([30_000, 1_500, 120_000, 500])
  for (const text of ['', '30', 's', '-1s', '61m', '1h']) expect(() => loadMs('--for', text)).toThrow(/such as 30s/)
})

test('each workload becomes a plan; what contradicts itself is refused', async () => {
  expect((await planOf('chat', { ...GIVEN, rate: 50, for: '2s' })).traffic[0]).toMatchObject({
    kind: 'chat',
    ratePerSecond: 50,
    outstanding: 0,
  })
  expect((await planOf('chat', { ...GIVEN, closed: 10 })).traffic[0]).toMatchObject({ ratePerSecond: 0, outstanding: 10 })
  const mixed = await planOf('mixed', { ...GIVEN, rate: 100, botRate: 5 })
  expect(mixed.traffic.map(({ kind, ratePerSecond, windows }) => [kind, ratePerSecond, windows])).toEqual([
    ['chat', 100, 'all'],
    ['bot', 5, 'every-second'],
  ])
  expect((await planOf('connections', GIVEN)).idleConnections).toBe(10_000)
  await expect(planOf('chat', { ...GIVEN, rate: 1, closed: 1 })).rejects.toThrow(BadLoad)
  await expect(planOf('chat', { ...GIVEN, users: 3 })).rejects.toThrow(/even number/)
  await expect(planOf('bot', { ...GIVEN, storm: true })).rejects.toThrow(/--storm: expected the workload chat/)
  await expect(planOf('chat', { ...GIVEN, trace: 'x.csv' })).rejects.toThrow(/--trace: expected/)
  await expect(planOf('bot', { ...GIVEN, trace: import.meta.filename })).rejects.toThrow(BadLoad)
  await expect(planOf('mail', GIVEN)).rejects.toThrow(/expected one of chat/)
  await expect(planOf('bot', { ...GIVEN, trace: '/nowhere.csv' })).rejects.toThrow(/cannot read/)
})

test('the test switch names what it does and how often', () => {
  expect([tamperOf({ tamper: 'drop:10000' }), tamperOf({})]).toEqual([{ kind: 'drop', every: 10_000 }, undefined])
  for (const tamper of ['drop', 'drop:0', 'eat:3']) expect(() => tamperOf({ tamper })).toThrow(BadLoad)
})

test('a line is printed when each thread has reported its second', () => {
  const lines: string[] = []
  const live = new LiveLines(line => lines.push(line), 2)
  live.tick({ offered: 5, stored: 4, delivered: 3, failed: 0, latencyMs: [1, 2, 300] })
  expect(lines).toEqual([])
  live.tick({ offered: 5, stored: 4, delivered: 1, failed: 2, latencyMs: [9] })
  expect(lines).toEqual(['time 1.0 s, sent 10/s, stored 8/s, seen 4/s, failed 2/s, min/p50/p95/p99 1.00/2.00/300/300 ms'])
})
