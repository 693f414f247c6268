import { homedir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LoadSecond } from '#evidence/load-document'
import { type Lab, startLab } from '#lab'
import type { LoadPlan } from '../workload.ts'
import { botPlan } from '../workloads/bot.ts'
import { chatPlan } from '../workloads/chat.ts'
import { type K6LoadOptions, k6Load } from './load.ts'
import { findK6 } from './run.ts'

/** The scripts against a lab: under the stand-in, and under k6 itself where there is one. */
const cache = process.env['PREFETCH_LAB_CACHE'] || join(homedir(), '.cache', 'prefetch-lab')
const own = await findK6(process.env, cache).catch(() => undefined)
const SMALL = { users: 16, ratePerSecond: 100, forMs: 3_000, warmUpMs: 500 }
const OPTIONS = { seed: 1, answerTokens: 5, slo: { ttftMs: 1_000, answerMs: 3_000 } }

let lab: Lab
beforeAll(async () => {
  lab = await startLab({ settings: { timeScale: 50, gpuColdLoad: false } }, { spaces: 4 })
})
afterAll(() => lab[Symbol.asyncDispose]())

describe.each([
  ['the stand-in', join(import.meta.dirname, 'stand-in.ts')],
  ['k6 itself (skipped where there is none)', own],
])('under %s', (_, k6 = '') => {
  const told: LoadSecond[] = []
  const load = async (plan: LoadPlan, options: Partial<K6LoadOptions> = {}) => {
    told.length = 0
    const { signal } = new AbortController()
    const run = await k6Load(lab, plan, { ...OPTIONS, k6, signal, onSecond: second => told.push(second), ...options })
    return { ...run.judged, history: run.events, failed: run.judged.checks.filter(({ verdict }) => verdict !== 'pass') }
  }

  test.skipIf(k6 === '')('chat: every message is stored, and seen once on the other node', async () => {
    const { perSecond, latencyMs, storedMs, failed, measures, history } = await load(chatPlan(SMALL))
    expect(failed).toEqual([])
    expect([latencyMs.count, storedMs?.count, measures]).toMatchObject([300, 300, { failed: 0, deliveredPercent: 100, disconnected: 0 }])
    expect(told).toEqual(perSecond)
    expect(history.filter(({ kind }) => kind === 'message-row').length).toBeGreaterThanOrEqual(350)
    // Whole milliseconds would mean that its clock cannot measure this system.
    expect(Number.isInteger(latencyMs.p50)).toBe(false)
  })

  test.skipIf(k6 === '')('bot: every prompt is answered once, its first piece first', async () => {
    const { failed, latencyMs, latencies } = await load(botPlan({ ...SMALL, ratePerSecond: 4, arrivals: 'even' }))
    expect(failed).toEqual([])
    expect([latencyMs.count, latencies['ttft']?.count]).toEqual([12, 12])
    expect(latencies['ttft']?.mean).toBeLessThanOrEqual(latencyMs.mean)
  })

  test.skipIf(k6 === '')('an interrupt keeps what was seen before it', async () => {
    const stop = new AbortController()
    const options = { signal: stop.signal, onSecond: ({ second }: LoadSecond) => second === 1 && stop.abort() }
    const { verdict, why, offeredPerSecond, lost, measures } = await load(chatPlan({ ...SMALL, forMs: 60_000 }), options)
    expect([verdict, lost, measures['disconnected']], JSON.stringify(why)).toEqual(['unknown', 0, 0])
    expect(offeredPerSecond).toBeCloseTo(100, -1)
  })

  test.skipIf(k6 === '')('a node that dies under load fails the test', async () => {
    let killed: Promise<unknown> | undefined
    const onSecond = () => {
      killed ??= lab.kill('im-b')
    }
    const { verdict, thresholds, measures } = await load({ ...chatPlan({ ...SMALL, ratePerSecond: 50 }), drainMs: 500 }, { onSecond })
    await killed
    await lab.start('im-b')
    expect([verdict, measures['disconnected']]).toEqual(['fail', 8])
    expect(thresholds.filter(threshold => threshold.verdict === 'fail').map(({ name }) => name)).toContain('none-disconnected')
  })
})
