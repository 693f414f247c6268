import { describe, expect, test } from 'vitest'
import { effectOf, RUNS_ENOUGH } from './effect.ts'
import { quantileOf, wholeOf } from './estimator.ts'
import { random } from './random.ts'

/** A run of log-normal waits around a median, its whole level moved by the drift of its machine. */
function run(seed: number, medianMs: number, drift = 0) {
  const draws = random(seed)
  const level = Math.exp(drift * draws.normal())
  return quantileOf(
    Array.from({ length: 400 }, (_, i) => ({ atMs: i, value: medianMs * level * Math.exp(0.5 * draws.normal()) })),
    0.5,
  )
}
const options = { seed: 1, drift: 0.1, alpha: 0.05, resamples: 500 }

test('the same input gives the same output', () => {
  expect(effectOf([run(1, 10)], [run(2, 10)], options)).toEqual(effectOf([run(1, 10)], [run(2, 10)], options))
})

test('the interval holds the effect, and an effect that is there does not hold 1', () => {
  const { ratio, low, high } = effectOf([run(1, 10)], [run(2, 20)], options)
  expect(ratio).toBeCloseTo(2, 0)
  expect([low > 1, low < ratio, ratio < high]).toEqual([true, true, true])
})

test('of one run each, what is allowed for drift widens the interval', () => {
  const width = (drift: number) => {
    const { low, high } = effectOf([run(1, 10)], [run(2, 10)], { ...options, drift })
    return Math.log(high / low)
  }
  expect(width(0.4)).toBeGreaterThan(2 * width(0.1))
})

test('many runs on a side show their drift themselves: no allowance is added', () => {
  const side = (from: number) => Array.from({ length: RUNS_ENOUGH }, (_, i) => run(from + i, 10, 0.3))
  const width = (drift: number) => {
    const { low, high } = effectOf(side(1), side(101), { ...options, drift })
    return Math.log(high / low)
  }
  expect(width(5)).toBe(width(0))
  expect(width(0)).toBeGreaterThan(0.2) // Not that of one run's own samples.
})

describe('a figure of the whole run has the allowance alone', () => {
  test('a doubled one shows at 10 %, and not at 60 %', () => {
    const effect = (drift: number) => effectOf([wholeOf(10, 1)], [wholeOf(20, 1)], { ...options, drift })
    expect(effect(0.1).low).toBeGreaterThan(1)
    expect(effect(0.6).low).toBeLessThan(1)
  })
})

test('of 200 pairs of equal runs with drift, an interval of 95 % is wrong about as often as it says', () => {
  const wrong = Array.from({ length: 200 }, (_, i) =>
    effectOf([run(2 * i, 10, 0.2)], [run(2 * i + 1, 10, 0.2)], { ...options, seed: i, drift: 0.2 }),
  ).filter(({ low, high }) => low > 1 || high < 1)
  expect(wrong.length).toBeLessThan(20)
  expect(wrong.length).toBeGreaterThan(1)
})
