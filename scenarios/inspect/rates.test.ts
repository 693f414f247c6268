import { expect, test } from 'vitest'
import { growthPerSecond, rateOver, ratesOf, silentMs } from './rates.ts'

const NO_STATS = {
  ack_details: undefined,
  deliver_details: undefined,
  publish: undefined,
  redeliver_details: undefined,
  publish_details: undefined,
  drop_unroutable_details: undefined,
}

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
  if (rate === undefined) expect(rateOver(history(...samples))).toBeUndefined()
  else expect(rateOver(history(...samples))?.perSecond).toBeCloseTo(rate, 6)
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
  expect(silentMs({ ...NO_STATS, ...stats })).toBe(ms)
})

test('a rate says over how many acks it was taken', () => {
  const acks = (...samples: number[]) => ratesOf({ ...NO_STATS, ack_details: { samples: history(...samples) } })
  expect(acks(0, 1, 2, 4, 5, 5)).toEqual({ ack: 4 / 30, ackEvents: 4 })
  expect(ratesOf({ ...NO_STATS, ack_details: { rate: 3 } })).toEqual({ ack: 3 })
})
