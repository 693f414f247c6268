import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { expect, test } from 'vitest'
import { memoryTrends } from './memory-trend.ts'

const looks = (count: number, mib: (second: number) => number, name = 'im-a') =>
  Array.from({ length: count }, (_, i) => ({ second: i * 2.5, rssMiB: { [name]: mib(i * 2.5) } }))

/** Grows by 10 MiB, then a collection takes them back. */
const sawtooth = (second: number) => 150 + (10 * (second % 23)) / 23

test('a sawtooth is flat: its interval holds 0', () => {
  const [trend] = memoryTrends(looks(240, sawtooth))
  expect(trend?.interval[0]).toBeLessThan(0)
  expect(trend?.interval[1]).toBeGreaterThan(0)
  expect(Math.abs(trend?.slope ?? 9)).toBeLessThan(0.3)
})

test('a leak of half a MiB a minute shows through the sawtooth', () => {
  const [trend] = memoryTrends(looks(240, second => sawtooth(second) + second / 120))
  expect(trend?.slope).toBeCloseTo(0.5, 0)
  expect(trend?.interval[0]).toBeGreaterThan(0)
  expect((trend?.lastMiB ?? 0) - (trend?.firstMiB ?? 0)).toBeGreaterThan(3)
})

test('of 300 flat parts with noise about 95 % are called flat', () => {
  const draw = xoroshiro128plus(7)
  const noise = () => uniformInt(draw, 0, 1_000) / 100
  const flat = Array.from({ length: 300 }, () => memoryTrends(looks(240, () => 100 + noise()))[0]!)
  const right = flat.filter(({ interval: [low, high] }) => low <= 0 && high >= 0).length
  expect(right / 300).toBeGreaterThan(0.91)
})

test('the steepest part comes first; a part seen too rarely is left out', () => {
  const both = looks(80, () => 50).map((look, i) => ({
    ...look,
    rssMiB: { ...look.rssMiB, postgres: 100 + i, ...(i < 30 ? { late: 9 } : {}) },
  }))
  expect(memoryTrends(both).map(({ part }) => part)).toEqual(['postgres', 'im-a'])
  expect(memoryTrends([])).toEqual([])
})
