import { expect, test } from 'vitest'
import { median, medianInterval } from './statistics.ts'

test('the median of odd and even numbers of values, in any order', () => {
  expect([median([3, 1, 2]), median([4, 1, 3, 2]), median([7])]).toEqual([2, 2.5, 7])
})

test('an interval holds the median, is reproducible, and is a point where all values are one', () => {
  const values = [1.42, 1.5, 1.47, 1.61, 1.38]
  const [low, high] = medianInterval(values, 7)
  expect(medianInterval(values, 7)).toEqual([low, high])
  expect(low).toBeGreaterThanOrEqual(1.38)
  expect(low).toBeLessThan(1.47)
  expect(high).toBeGreaterThan(1.47)
  expect(high).toBeLessThanOrEqual(1.61)
  expect(medianInterval([2, 2, 2])).toEqual([2, 2])
})

test('its interval covers the true median about as often as it says', () => {
  let state = 1
  const uniform = () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
  const runs = Array.from({ length: 60 }, (_, seed) => medianInterval(Array.from({ length: 9 }, uniform), seed))
  const covered = runs.filter(([low, high]) => low <= 0.5 && high >= 0.5).length
  expect(covered).toBeGreaterThan(52)
})
