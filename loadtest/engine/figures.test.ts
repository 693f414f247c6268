import { expect, test } from 'vitest'
import { nearestRank } from '#predictor'
import type { SentRecord } from '../generator/messages.ts'
import { perSecond, summaryOf, tpotMs } from './figures.ts'

const record = (dueMs: number, rest: Partial<SentRecord> = {}): SentRecord => ({
  kind: 'chat',
  measured: true,
  dueMs,
  sentMs: dueMs,
  ...rest,
})

test('quantiles are values seen; of none 0', () => {
  const values = Array.from({ length: 100 }, (_, i) => i + 1)
  expect([0.5, 0.95, 0.99, 1].map(share => nearestRank(values, share))).toEqual([50, 95, 99, 100])
  expect([nearestRank([], 0.5), nearestRank([7], 0.01)]).toEqual([0, 7])
  expect(summaryOf('due-to-seen', [3, 1, 2])).toMatchObject({ count: 3, mean: 2, p50: 2, max: 3, about: 'due-to-seen' })
})

test('each second counts what was due, stored, seen and refused in it; latency runs from the intended send', () => {
  const seconds = perSecond(
    [
      record(100, { sentMs: 140, storedMs: 150, seenMs: 160 }),
      record(990, { storedMs: 1_010, seenMs: 1_090 }),
      record(1_500, { failed: 'BUSY' }),
    ],
    0,
  )
  expect(seconds).toEqual([
    { second: 0, offered: 2, stored: 1, delivered: 1, failed: 0, latencyMs: { p50: 60, p99: 60, max: 60 } },
    { second: 1, offered: 1, stored: 1, delivered: 1, failed: 1, latencyMs: { p50: 100, p99: 100, max: 100 } },
  ])
})

test('time per token counts tokens after the first; an answer in one piece has none', () => {
  expect(tpotMs(record(0, { firstMs: 100, seenMs: 300, answerTokens: 101 }))).toBe(2)
  expect(tpotMs(record(0, { firstMs: 300, seenMs: 300, answerTokens: 101 }))).toBeUndefined()
})
