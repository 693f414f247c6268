import type { Rates } from './snapshot.ts'
import type { Sample, Stats } from './wire.ts'

/** Rates from the history that the broker keeps of a counter, newest sample first. Pure.
 *  Its own `rate` covers five seconds: of a consumer that acks every eight it is 0 or too high. */

/** The mean of 40 intervals is exact enough, and still follows a change. */
const EVENTS = 40

/** A counter's history begins with zeros, where its channel is younger than that. */
function oldestFirst(samples: readonly Sample[] | undefined): Sample[] {
  return (samples ?? []).toSorted((a, b) => a.timestamp - b.timestamp)
}

/** Over the shortest span that has enough events, else over all of the history. The newest sample
 *  is not taken: it is often of before its time, since channels report every five seconds. */
export function rateOver(samples: readonly Sample[] | undefined): { perSecond: number; events: number } | undefined {
  const series = oldestFirst(samples).slice(0, -1)
  const newest = series.at(-1)
  if (newest === undefined) return undefined
  const begun = series.findIndex(({ sample }) => sample > 0)
  if (begun === -1) return { perSecond: 0, events: 0 }
  const known = series.slice(begun)
  const from = known.findLast(({ sample }) => newest.sample - sample >= EVENTS) ?? known[0]
  if (from === undefined || from === newest) return undefined
  const events = newest.sample - from.sample
  return { perSecond: (1_000 * events) / (newest.timestamp - from.timestamp), events }
}

/** By how much a length grows, over all of its history. Negative: it shrinks. */
export function growthPerSecond(samples: readonly Sample[] | undefined): number | undefined {
  const series = oldestFirst(samples)
  const [first, newest] = [series.find(({ sample }) => sample > 0), series.at(-1)]
  if (first === undefined || newest === undefined || first === newest) return series.length === 0 ? undefined : 0
  return (1_000 * (newest.sample - first.sample)) / (newest.timestamp - first.timestamp)
}

/** How long nothing was acked, since the last ack or else the first delivery. */
export function silentMs(stats: Stats): number | undefined {
  const [acks, deliveries] = [oldestFirst(stats.ack_details?.samples), oldestFirst(stats.deliver_details?.samples)]
  const newest = acks.at(-1) ?? deliveries.at(-1)
  const delivered = deliveries.find(({ sample }) => sample > 0)
  if (newest === undefined || delivered === undefined) return undefined
  const unchanged = acks.find(({ sample }) => sample === newest.sample)
  const since = acks.length === 0 || newest.sample === 0 ? delivered : (unchanged ?? newest)
  return Math.max(0, newest.timestamp - Math.max(since.timestamp, delivered.timestamp))
}

/** Where there is no history: the broker's own rate, if it gives one. */
export function ratesOf(stats: Stats): Rates {
  const acks = rateOver(stats.ack_details?.samples)?.events
  const rates = Object.fromEntries(
    (
      [
        ['ack', stats.ack_details],
        ['deliver', stats.deliver_details],
        ['redeliver', stats.redeliver_details],
        ['publish', stats.publish_details],
        ['dropUnroutable', stats.drop_unroutable_details],
      ] as const
    ).flatMap(([name, details]) => {
      const rate = rateOver(details?.samples)?.perSecond ?? details?.rate
      return rate === undefined ? [] : [[name, rate]]
    }),
  )
  return acks === undefined ? rates : { ...rates, ackEvents: acks }
}
