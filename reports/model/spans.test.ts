import fc from 'fast-check'
import { expect, test } from 'vitest'
import { gapsBetween, joined, overlap, totalMs } from './spans.ts'

const span = (fromMs: number, toMs: number) => ({ fromMs, toMs })

test('joined: ascending and apart, empty ones gone', () => {
  expect(joined([span(5, 7), span(0, 2), span(1, 3), span(4, 4)])).toEqual([span(0, 3), span(5, 7)])
})

test('gaps and overlap', () => {
  expect(gapsBetween([span(2, 4), span(6, 20)], span(0, 10))).toEqual([span(0, 2), span(4, 6)])
  expect(gapsBetween([], span(0, 10))).toEqual([span(0, 10)])
  expect(overlap([span(0, 4), span(6, 9)], [span(3, 7)])).toEqual([span(3, 4), span(6, 7)])
})

test('covered and uncovered spans make up the window', () => {
  const spans = fc.array(fc.tuple(fc.nat(100), fc.nat(30)).map(([from, length]) => span(from, from + length)))
  fc.assert(
    fc.property(spans, list => {
      const window = span(10, 90)
      expect(totalMs(gapsBetween(list, window)) + totalMs(overlap(joined(list), [window]))).toBe(80)
    }),
  )
})
