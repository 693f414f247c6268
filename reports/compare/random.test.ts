import { expect, test } from 'vitest'
import { random, seedOf } from './random.ts'

test('the same seed draws the same, another one other things', () => {
  const drawn = (seed: number) => Array.from({ length: 5 }, random(seed).uniform)
  expect(drawn(7)).toEqual(drawn(7))
  expect(drawn(7)).not.toEqual(drawn(8))
  expect(seedOf('a,b')).not.toBe(seedOf('b,a'))
})

test('normal draws have mean 0 and deviation 1, uniform ones fill [0, 1)', () => {
  const draws = random(1)
  const normal = Array.from({ length: 20_000 }, draws.normal)
  const mean = normal.reduce((sum, value) => sum + value, 0) / normal.length
  const deviation = Math.sqrt(normal.reduce((sum, value) => sum + (value - mean) ** 2, 0) / normal.length)
  expect(mean).toBeCloseTo(0, 1)
  expect(deviation).toBeCloseTo(1, 1)
  const uniform = Array.from({ length: 20_000 }, draws.uniform)
  expect(Math.min(...uniform)).toBeGreaterThanOrEqual(0)
  expect(Math.max(...uniform)).toBeLessThan(1)
  expect(uniform.filter(value => value < 0.5).length / uniform.length).toBeCloseTo(0.5, 1)
})
