import { expect, test } from 'vitest'
import { measured, quantileOf, rateOf, ratioOf, wholeOf } from './estimator.ts'

const samples = Array.from({ length: 100 }, (_, i) => ({ atMs: i, value: i + 1 }))
const only = (block: number) => Array.from({ length: 20 }, (_, i) => (i === block ? 1 : 0))

test('as measured: the nearest-rank percentile of all values', () => {
  expect(measured(quantileOf(samples, 0.95))).toBe(95)
  expect(measured(quantileOf(samples, 0.5))).toBe(50)
  expect(measured(quantileOf([{ atMs: 0, value: 3 }], 0.5))).toBe(3)
})

test('weights are of stretches of time: the last twentieth alone', () => {
  expect(quantileOf(samples, 0.5).estimate(only(19))).toBe(98)
  expect(quantileOf(samples, 1).estimate(only(0))).toBe(5)
})

test('a stretch in which nothing was measured gives no figure', () => {
  const gap = [
    { atMs: 0, value: 1 },
    { atMs: 100, value: 2 },
  ]
  expect(quantileOf(gap, 0.5).estimate(only(10))).toBeNaN()
})

test('a ratio is of the same stretches', () => {
  const double = ratioOf(
    quantileOf(samples, 0.5),
    quantileOf(
      samples.map(each => ({ ...each, value: each.value / 2 })),
      0.5,
    ),
  )
  expect(measured(double)).toBe(2)
  expect(double.estimate(only(3))).toBe(2)
})

test('a rate counts the time in which something could be done, and no other', () => {
  const done = Array.from({ length: 30 }, (_, i) => ({ atMs: i * 100 }))
  const open = [
    { fromMs: 0, toMs: 1_000 },
    { fromMs: 2_000, toMs: 4_000 },
  ]
  expect(measured(rateOf(done, open))).toBeCloseTo(10)
})

test('a figure of the whole run is what it is', () => expect(measured(wholeOf(7, 100))).toBe(7))
