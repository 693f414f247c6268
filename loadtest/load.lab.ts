import { afterAll, beforeAll, expect, test } from 'vitest'
import { witnessesOf } from '#evidence/finding'
import { type Lab, startLab } from '#lab'
import { runLoad, runNoop, type TamperPlan } from './index.ts'
import { chatPlan } from './workloads/chat.ts'
import { mixedPlan } from './workloads/mixed.ts'

/** The engine in a small real lab: its offer arrives and is judged, tampering is found. */

const OPTIONS = { seed: 1, threads: 2, signal: new AbortController().signal, slo: { ttftMs: 1_000, answerMs: 3_000 } }
const small = { users: 20, ratePerSecond: 100, forMs: 2_000, warmUpMs: 500 }

let lab: Lab
beforeAll(async () => {
  lab = await startLab({ settings: { timeScale: 100, gpuColdLoad: false } }, { spaces: 4 })
})
afterAll(() => lab[Symbol.asyncDispose]())

test('chat and bot together: nothing is lost, each second is reported, each part has CPU and memory', async () => {
  const { result, events } = await runLoad(lab, mixedPlan(small, { users: 10, ratePerSecond: 10, timeScale: 100 }), OPTIONS)
  // A busy machine may void the times; what was delivered it cannot excuse.
  expect(result.checks.filter(({ verdict }) => verdict !== 'pass')).toEqual([])
  expect(result).toMatchObject({ lost: 0, duplicates: 0, judgedShare: 1, measures: { failed: 0, deliveredPercent: 100 } })
  expect(result.perSecond.reduce((sum, { delivered }) => sum + delivered, 0)).toBe(result.measures['messages'])
  expect(result.latencies['ttft']?.count).toBeGreaterThan(0)
  expect(result.parts.find(({ name }) => name === 'im-a')).toMatchObject({ kind: 'im-node', cpuMs: expect.any(Number) })
  expect(result.parts.every(({ rssMiB }) => rssMiB > 0)).toBe(true)
  expect(events.filter(({ kind }) => kind === 'message-row').length).toBeGreaterThan(200)
})

test('messages dropped, doubled or swapped after the clients’ repair are named, and fail the test', async () => {
  for (const [kind, check] of [
    ['drop', 'lost'],
    ['duplicate', 'duplicate'],
    ['swap', 'order'],
  ] as const) {
    await lab.renew({ settings: { gpuColdLoad: false } })
    const tamper: TamperPlan = { kind, every: 40 }
    const { result } = await runLoad(lab, chatPlan(small), { ...OPTIONS, tamper })
    expect(result.verdict, JSON.stringify(result.why)).toBe('fail')
    const failed = result.checks.filter(({ verdict }) => verdict === 'fail')
    expect(failed.map(({ name }) => name)).toContain(check)
    expect(failed.filter(finding => witnessesOf(finding).length === 0)).toEqual([])
  }
})

test('the generator alone does several times the rate of these tests', async () => {
  const { cpuMicrosecondsPerMessage, latencyMs } = await runNoop({ users: 20, outstanding: 100, bodyBytes: 200, threads: 1, forMs: 1_000 })
  expect(latencyMs.count).toBeGreaterThan(0)
  // By its CPU: other tests run beside this one.
  expect(1e6 / cpuMicrosecondsPerMessage).toBeGreaterThan(10 * small.ratePerSecond)
})
