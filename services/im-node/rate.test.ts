import { expect, test } from 'vitest'
import { Rate } from './rate.ts'

const taken = (rate: Rate, asked: number, nowMs: number) => Array.from({ length: asked }, () => rate.take(nowMs)).filter(Boolean).length

test('twice the rate in a burst, then the rate; a long rest saves up no more than a burst', () => {
  const rate = new Rate(10, 0)
  expect(taken(rate, 100, 0)).toBe(20)
  expect(taken(rate, 100, 1_000)).toBe(10)
  expect(taken(rate, 100, 1_050)).toBe(0)
  expect(taken(rate, 100, 1_100)).toBe(1)
  expect(taken(rate, 100, 1_000_000)).toBe(20)
})
