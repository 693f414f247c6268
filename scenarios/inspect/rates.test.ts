import { expect, test } from 'vitest'
import { growthPerSecond, ratePerSecond, silentMs } from './rates.ts'

/** Samples as the broker gives them: newest first, every ten seconds. */
const history = (...oldestFirst: number[]) => oldestFirst.map((sample, i) => ({ sample, timestamp: 10_000 * i })).reverse()

test.each<[string, number[], number | undefined]>([
  ['one in eight seconds, over all of it', [0, 0, 1, 2, 4, 5, 6, 7, 9, 9], 8 / 60],
  ['the channel began within the history', [0, 0, 0, 0, 10, 20, 30, 30], 1],
  ['it slowed down: the last forty count', [0, 1_000, 2_000, 3_000, 3_010, 3_020, 3_030, 3_040, 3_040], 1],
  ['nothing at all', [0, 0, 0], 0],
  ['too short', [5], undefined],
  ['none', [], undefined],
])('a rate: %s', (_, samples, rate) => {
  if (rate === undefined) expect(ratePerSecond(history(...samples))).toBeUndefined()
  else expect(ratePerSecond(history(...samples))).toBeCloseTo(rate, 6)
})

test.each<[number[], number | undefined]>([
  [[0, 0, 10, 20, 30], 1],
  [[30, 20, 10], -1],
  [[0, 0, 0], 0],
  [[], undefined],
])('growth of %j', (samples, growth) => expect(growthPerSecond(history(...samples))).toBe(growth))

test.each<[string, number[], number[], number | undefined]>([
  ['it never acked, and holds since the second sample', [0, 0, 0, 0], [0, 5, 5, 5], 20_000],
  ['its last ack is two samples old', [0, 1, 2, 2, 2], [5, 6, 7, 7, 7], 20_000],
  ['it got nothing', [0, 0], [0, 0], undefined],
  ['no history', [], [], undefined],
])('silence: %s', (_, acks, deliveries, ms) => {
  const stats = { ack_details: { samples: history(...acks) }, deliver_details: { samples: history(...deliveries) } }
  expect(
    silentMs({
      ...stats,
      publish: undefined,
      redeliver_details: undefined,
      publish_details: undefined,
      drop_unroutable_details: undefined,
    }),
  ).toBe(ms)
})
