import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { classOf, niceNearest, ticksMs, waitBorders } from './scale.ts'

describe('ticks', () => {
  test.each([
    [23_000, 5, [0, 5_000, 10_000, 15_000, 20_000]],
    [900, 5, [0, 200, 400, 600, 800]],
    [3_600_000, 5, [0, 900_000, 1_800_000, 2_700_000, 3_600_000]],
    [1, 5, [0, 0.2, 0.4, 0.6, 0.8, 1]],
  ])('%i ms in at most %i', (spanMs, most, expected) => {
    expect(ticksMs(spanMs, most).map(tick => Number(tick.toFixed(6)))).toEqual(expected)
  })

  test('few and inside, whatever the span', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.5, max: 1e9, noNaN: true }), spanMs => {
        const ticks = ticksMs(spanMs, 5)
        expect(ticks.length).toBeGreaterThanOrEqual(1)
        expect(ticks.length).toBeLessThanOrEqual(6)
        expect(ticks.at(-1)).toBeLessThanOrEqual(spanMs * 1.000001)
      }),
    )
  })
})

describe('classes of waits', () => {
  test('from what is usual to what is too long', () => {
    expect(waitBorders(40, 9_000)).toEqual([50, 200, 1_000, 5_000])
    expect(waitBorders(0, 0)).toEqual(expect.arrayContaining([expect.any(Number)]))
  })

  test('borders ascend, and the longest wait is in the last class', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e6, noNaN: true }), fc.double({ min: 10, max: 1e7, noNaN: true }), (usual, longest) => {
        const borders = waitBorders(usual, longest)
        expect(borders).toEqual([...new Set(borders)].sort((a, b) => a - b))
        expect(classOf(Number.POSITIVE_INFINITY, borders)).toBe(borders.length)
      }),
    )
  })

  test('nearest by ratio', () => expect([3, 4, 68, 0.9].map(niceNearest)).toEqual([2, 5, 50, 1]))
})
