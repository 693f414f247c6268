import { expect, test } from 'vitest'
import { dueTimes, inEverySecondWindow, windowOf } from './arrivals.ts'

const at = (arrivals: 'even' | 'poisson' | 'bursts', ratePerSecond = 100) => dueTimes({ ratePerSecond, arrivals }, 10_000, 7)

test('every shape offers the rate, in ascending order and within the time', () => {
  for (const shape of ['even', 'poisson', 'bursts'] as const) {
    const due = at(shape)
    expect(Math.abs(due.length - 1_000)).toBeLessThan(shape === 'poisson' ? 100 : 1)
    expect(due.every((ms, i) => ms >= (due[i - 1] ?? 0) && ms < 10_000)).toBe(true)
  }
})

test('Poisson gaps vary as much as their mean; even ones do not vary', () => {
  const spread = (due: number[]) => {
    const gaps = due.slice(1).map((ms, i) => ms - due[i]!)
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length
    return Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length) / mean
  }
  expect(spread(at('poisson'))).toBeCloseTo(1, 0)
  expect(spread(at('even'))).toBeLessThan(0.001)
})

test('a burst is a second’s messages in its first tenth', () => {
  expect(at('bursts').every(ms => ms % 1_000 < 100)).toBe(true)
})

test('the same seed gives the same times, another one others', () => {
  const poisson = (seed: number) => dueTimes({ ratePerSecond: 50, arrivals: 'poisson' }, 5_000, seed)
  expect(poisson(1)).toEqual(poisson(1))
  expect(poisson(1)).not.toEqual(poisson(2))
})

test('of six windows the second, the fourth and the last have traffic', () => {
  const kept = inEverySecondWindow(at('even'), 10_000, 6)
  expect(new Set(kept.map(ms => windowOf(ms, 10_000, 6)))).toEqual(new Set([1, 3, 5]))
})
