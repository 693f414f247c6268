import { homedir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LoadSecond } from '#evidence/load-document'
import { type Lab, startLab } from '#lab'
import { type K6LoadOptions, k6Load } from './load.ts'
import { findK6 } from './run.ts'

/** The scripts against a lab: under the stand-in, and under k6 itself where there is one. */
const cache = process.env['PREFETCH_LAB_CACHE'] || join(homedir(), '.cache', 'prefetch-lab')
const own = await findK6(process.env, cache).catch(() => undefined)
const NOTHING_WRONG = { lost: 0, duplicates: 0, measures: { phantoms: 0, unanswered: 0, refused: 0, apologies: 0, disconnected: 0 } }

let lab: Lab
beforeAll(async () => {
  lab = await startLab({ settings: { timeScale: 50, gpuColdLoad: false } })
})
afterAll(() => lab[Symbol.asyncDispose]())

describe.each([
  ['the stand-in', join(import.meta.dirname, 'stand-in.ts')],
  ['k6 itself (skipped where there is none)', own],
])('under %s', (_, k6 = '') => {
  const load = (options: Partial<K6LoadOptions>) =>
    k6Load({
      k6,
      workload: 'chat',
      nodes: lab.names('nodes').map(node => lab.url(node)),
      secret: lab.secret,
      users: 16,
      ratePerSecond: 100,
      forMs: 3_000,
      warmUpMs: 500,
      seed: 1,
      answerTokens: 5,
      signal: new AbortController().signal,
      onSecond: () => {},
      ...options,
    })

  test.skipIf(k6 === '')('chat: every message is stored, and seen once on the other node', async () => {
    const told: LoadSecond[] = []
    const { perSecond, latencyMs, ...result } = await load({ onSecond: second => told.push(second) })
    expect(result).toMatchObject({ ...NOTHING_WRONG, verdict: expect.not.stringMatching('fail'), offeredPerSecond: 100 })
    expect([latencyMs.count, result.storedMs?.count, perSecond.reduce((sum, { delivered }) => sum + delivered, 0)]).toEqual([300, 300, 300])
    expect(told).toEqual(perSecond)
    // Whole milliseconds would mean that its clock cannot measure this system.
    expect(Number.isInteger(latencyMs.p50)).toBe(false)
  })

  test.skipIf(k6 === '')('bot: every prompt is answered once, its first piece first', async () => {
    const result = await load({ workload: 'bot', ratePerSecond: 4 })
    expect(result).toMatchObject({ ...NOTHING_WRONG, latencyMs: { count: 12 }, latencies: { ttft: { count: 12 } } })
    expect(result.latencies['ttft']?.mean).toBeLessThanOrEqual(result.latencyMs.mean)
  })

  test.skipIf(k6 === '')('an interrupt keeps the whole seconds before it, and their rate', async () => {
    const stop = new AbortController()
    const result = await load({ forMs: 60_000, signal: stop.signal, onSecond: ({ second }) => second === 1 && stop.abort() })
    expect(result).toMatchObject({ offeredPerSecond: 100, lost: 0, measures: { disconnected: 0 } })
  })

  test.skipIf(k6 === '')('a node that dies under load fails the test', async () => {
    let killed: Promise<unknown> | undefined
    const onSecond = () => {
      killed ??= lab.kill('im-b')
    }
    const { verdict, thresholds, measures } = await load({ ratePerSecond: 50, drainMs: 500, onSecond })
    await killed
    await lab.start('im-b')
    expect([verdict, measures['disconnected']]).toEqual(['fail', 8])
    expect(thresholds.filter(threshold => threshold.verdict === 'fail').map(({ name }) => name)).toContain('none-disconnected')
  })
})
