import { expect, test } from 'vitest'
import { draws } from '../../scenarios/predictor/random.ts'
import { effectOf, RUNS_ENOUGH } from './effect.ts'

/** A figure each for runs of one commit, on a machine that moves it by `spread`. */
function runs(count: number, seed: number, figure: number, spread = 0.2): number[] {
  const { normal } = draws(seed)
  return Array.from({ length: count }, () => figure * Math.exp(spread * normal()))
}
const options = { allowance: 0.2, alpha: 0.05, resamples: 1_000, seed: 1 }
const width = ({ low, high }: { low: number; high: number }) => Math.log(high / low)

test('with one run a side the interval is the allowance: 1.96 deviations of two runs each way', () => {
  const effect = effectOf([10], [20], options)
  expect(effect).toMatchObject({ ratio: expect.closeTo(2, 6), from: expect.closeTo(10, 6) })
  expect(width(effect) / (2 * 1.96 * 0.2 * Math.SQRT2)).toBeCloseTo(1, 1)
  expect(effectOf([10], [20], options)).toEqual(effect)
})

test.each([1, 3, 10, 30])('of 100 pairs of %i equal runs a side about one in twenty is wrong', count => {
  const wrong = Array.from({ length: 100 }, (_, i) => effectOf(runs(count, 2 * i, 10), runs(count, 2 * i + 1, 10), options))
  expect(wrong.filter(({ low, high }) => low > 1 || high < 1).length).toBeLessThan(12)
})

test('more runs narrow the interval; from ten on their own spread is all there is', () => {
  const of = (count: number, allowance = 0.2) => width(effectOf(runs(count, 1, 10), runs(count, 2, 10), { ...options, allowance }))
  expect(of(8)).toBeLessThan(0.8 * of(1))
  expect(of(RUNS_ENOUGH, 5)).toBe(of(RUNS_ENOUGH, 0))
  expect(of(RUNS_ENOUGH)).toBeGreaterThan(0.1)
})

test('the runs that it says are needed tell, and half of them do not; no effect needs infinitely many', () => {
  const { runsNeeded } = effectOf([10], [13], options)
  const tells = (count: number) => effectOf(Array(count).fill(10), Array(count).fill(13), options).low > 1
  expect([runsNeeded > 2, tells(runsNeeded + 1), tells(Math.floor(runsNeeded / 2))]).toEqual([true, true, false])
  expect(effectOf([10], [10], options).runsNeeded).toBe(Number.POSITIVE_INFINITY)
})
