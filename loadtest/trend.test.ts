import { expect, test } from 'vitest'
import { trendOf } from './trend.ts'

const seconds = (medians: readonly (number | null)[], offered = 10) => ({
  perSecond: medians.map((p50, second) => ({
    second,
    offered,
    stored: offered,
    delivered: offered,
    failed: 0,
    latencyMs: p50 === null ? null : { p50, p99: 2 * p50, max: 3 * p50 },
  })),
})

test('a growing or falling latency is not steady', () => {
  const growing = seconds(Array.from({ length: 30 }, (_, i) => 5 + i))
  expect(trendOf(growing)).toEqual({ firstMs: 9, lastMs: 29, steady: false })
  expect(trendOf({ perSecond: growing.perSecond.toReversed() })).toEqual({ firstMs: 29, lastMs: 9, steady: false })
})

test('a slow second, a small difference, a short test and the drain do not make a trend', () => {
  expect(trendOf(seconds([4, 4, 4, 4, 4, 4, 4, 4, 400, 4, 4, 4]))?.steady).toBe(true)
  expect(trendOf(seconds(Array.from({ length: 30 }, (_, i) => 1 + i / 10)))?.steady).toBe(true)
  expect(trendOf(seconds([1, 2, 100, 200, 300, 400, 500, 600]))).toBeUndefined()
  expect(trendOf(seconds(Array.from({ length: 20 }, () => null)))).toBeUndefined()
  const drained = { perSecond: [...seconds(Array(12).fill(5)).perSecond, ...seconds([500, 600, 700, 800, 900], 0).perSecond] }
  expect(trendOf(drained)).toEqual({ firstMs: 5, lastMs: 5, steady: true })
})
