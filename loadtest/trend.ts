import type { LoadDocument } from '#evidence/load-document'
import { summarise } from '#predictor'

/** Whether a load test was steady: a growing latency measures the test's duration. Pure. */

export interface Trend {
  /** Median of the seconds' medians, first and last third. Milliseconds. */
  firstMs: number
  lastMs: number
  /** The last is within half and twice the first, or a few milliseconds apart. */
  steady: boolean
}

/** Shorter tests have no thirds to speak of. Seconds. */
const SECONDS_MIN = 9
const FACTOR = 2
/** Less is a matter of a second's own chance. Milliseconds. */
const LEAST_MS = 5

/** undefined where too few seconds delivered anything. */
export function trendOf({ perSecond }: Pick<LoadDocument, 'perSecond'>): Trend | undefined {
  const medians = perSecond.flatMap(({ offered, latencyMs }) => (offered > 0 && latencyMs !== null ? [latencyMs.p50] : []))
  if (medians.length < SECONDS_MIN) return undefined
  const third = Math.floor(medians.length / 3)
  const [firstMs, lastMs] = [summarise(medians.slice(0, third)).p50, summarise(medians.slice(-third)).p50]
  const [less, more] = [Math.min(firstMs, lastMs), Math.max(firstMs, lastMs)]
  return { firstMs, lastMs, steady: more <= FACTOR * less || more - less < LEAST_MS }
}
