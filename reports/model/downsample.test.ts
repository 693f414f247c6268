import { expect, test } from 'vitest'
import { mergedBars, visibleSpans } from './downsample.ts'
import type { Bar } from './lanes.ts'

const bar = (fromMs: number, toMs: number, waitMs: number, outcome: Bar['outcome'] = 'done'): Bar => {
  return { fromMs, toMs, waitMs, user: `user ${waitMs}`, outcome, inferences: 1 }
}

test('thin bars go together and show the longest wait; wide ones stay', () => {
  const merged = mergedBars([bar(0, 2, 5), bar(3, 5, 9), bar(6, 8, 1), bar(20, 90, 3), bar(90, 92, 4)], 10)
  expect(merged).toEqual([{ ...bar(0, 8, 9), inferences: 3 }, bar(20, 90, 3), bar(90, 92, 4)])
})

test('lost ones stay apart from others', () => {
  expect(mergedBars([bar(0, 1, 1), bar(2, 3, 1, 'lost'), bar(4, 5, 1, 'lost')], 10)).toHaveLength(2)
})

test('never more marks than pixels, and none is lost', () => {
  const bars = Array.from({ length: 10_000 }, (_, i) => bar(i, i + 0.8, i % 7))
  const merged = mergedBars(bars, 20)
  expect(merged.length).toBeLessThanOrEqual(501)
  expect(merged.reduce((sum, { inferences }) => sum + inferences, 0)).toBe(10_000)
})

test('spans thinner than a pixel are not drawn, near ones go together', () => {
  const span = (fromMs: number, toMs: number) => ({ fromMs, toMs })
  expect(visibleSpans([span(0, 5), span(10, 30), span(33, 50), span(80, 100)], 10)).toEqual([span(10, 50), span(80, 100)])
})
