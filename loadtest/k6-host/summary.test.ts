import { describe, expect, test } from 'vitest'
import { LoadSecond, Threshold } from '#evidence/load-document'
import { Seconds } from './seconds.ts'
import { fieldsOf } from './summary.ts'

const trend = (p99: number) => ({ values: { avg: 2, min: 1, med: 2, max: 2 * p99, 'p(90)': 3, 'p(95)': 4, 'p(99)': p99, count: 1_000 } })
const counter = (count: number) => ({ values: { count, rate: 0.5 } })
const NONE = ['lost', 'duplicates', 'phantoms', 'unanswered', 'refused', 'apologies', 'redelivered', 'disconnected']

function summary(changed: Record<string, unknown> = {}) {
  const none = Object.fromEntries(NONE.map(name => [name, counter(0)]))
  return { metrics: { ...none, offered: counter(1_000), seen_ms: trend(20), stored_ms: trend(10), late_ms: trend(1), ...changed } }
}
const CONTEXT = { workload: 'chat', seconds: 10, vus: 4, interrupted: false, offered: 1_000, delivered: 990 } as const

describe("k6's summary as fields of the document", () => {
  test('rates, latencies and counts', () => {
    expect(fieldsOf(summary({ lost: counter(2), refused: counter(3) }), CONTEXT)).toMatchObject({
      offeredPerSecond: 100,
      deliveredPerSecond: 99,
      latencyMs: { count: 1_000, mean: 2, p50: 2, p90: 3, p95: 4, p99: 20, max: 40 },
      storedMs: { p99: 10 },
      latencies: { late: { p99: 1 } },
      measures: { refused: 3, phantoms: 0 },
      lost: 2,
      duplicates: 0,
      generatorBound: false,
      generator: { threads: 4, lateP99Ms: 1 },
    })
  })

  test('thresholds keep the verdict of k6', () => {
    const changed = {
      lost: { ...counter(2), thresholds: { 'count==0': { ok: false } } },
      seen_ms: { ...trend(20), thresholds: { 'p(99)<=25': { ok: true } } },
    }
    const { thresholds } = fieldsOf(summary(changed), CONTEXT)
    for (const threshold of thresholds) Threshold.parse(threshold)
    expect(thresholds).toMatchObject([
      { measure: 'lost', limit: 0, value: 2, verdict: 'fail' },
      { measure: 'latencyMs.p99', limit: 25, value: 20, verdict: 'pass' },
    ])
  })

  test('k6 is the limit if its own delay makes half of the tail', () => {
    expect(fieldsOf(summary({ late_ms: trend(11) }), CONTEXT)).toMatchObject({ generatorBound: true })
    expect(fieldsOf(summary({ late_ms: trend(9) }), CONTEXT)).toMatchObject({ generatorBound: false })
    // A timer's own grain.
    expect(fieldsOf(summary({ late_ms: trend(4), seen_ms: trend(5) }), CONTEXT)).toMatchObject({ generatorBound: false })
  })

  test('bot tells the first piece apart', () => {
    expect(fieldsOf(summary({ ttft_ms: trend(7) }), { ...CONTEXT, workload: 'bot' }).latencies).toMatchObject({ ttft: { p99: 7 } })
  })

  test('unjudged sends are an error, unless the run was interrupted', () => {
    const unjudged = summary({ lost: undefined })
    const { lost: _, ...metrics } = unjudged.metrics as Record<string, unknown>
    expect(() => fieldsOf({ metrics }, CONTEXT)).toThrow(/no counter lost/)
    expect(fieldsOf({ metrics }, { ...CONTEXT, interrupted: true })).toMatchObject({ lost: 0, deliveredPerSecond: 99 })
    expect(fieldsOf({ metrics: {} }, { ...CONTEXT, interrupted: true, seconds: 0 })).toMatchObject({ offeredPerSecond: 0 })
  })

  test('anything else is refused', () => {
    // As k6's newer export, with a list of metrics: not our bug.
    const other = { results: { metrics: [] } }
    expect(() => fieldsOf(other, CONTEXT)).toThrow(
      expect.objectContaining({ code: 'K6_FAILED', exitCode: 2, message: expect.stringContaining('"results"') }),
    )
    expect(() => fieldsOf(summary({ lost: { ...counter(0), thresholds: { 'rate<1': { ok: true } } } }), CONTEXT)).toThrow(/not a threshold/)
  })
})

test('a second is reported once, after the share of the last VU', () => {
  const told: number[] = []
  const seconds = new Seconds(2, ({ second }) => told.push(second))
  const part = (vu: number, second: number, latenciesMs: number[]) => ({
    vu,
    second,
    offered: 2,
    stored: 2,
    delivered: latenciesMs.length,
    failed: 0,
    latenciesMs,
  })
  seconds.add(part(0, 0, [1, 2]))
  seconds.add(part(0, 1, []))
  expect(told).toEqual([])
  seconds.add(part(1, 0, [3]))
  seconds.add(part(1, 1, []))
  seconds.add(part(1, 2, [9]))
  expect(told).toEqual([0, 1])
  for (const second of seconds.all()) LoadSecond.parse(second)
  expect(seconds.all()).toMatchObject([
    { second: 0, offered: 4, stored: 4, delivered: 3, latencyMs: { p50: 2, max: 3 } },
    { second: 1, delivered: 0, latencyMs: null },
    { second: 2, offered: 2, delivered: 1, latencyMs: { p50: 9 } },
  ])
})
