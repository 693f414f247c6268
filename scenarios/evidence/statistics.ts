import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/** Medians and quantiles, and how sure they are. Pure. */

const DRAWS = 2_000
const LEVEL = 0.95

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

/** Linear between two. Throws for none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.filter(Number.isFinite).toSorted((a, b) => a - b)
  const at = share * (sorted.length - 1)
  const [low, high] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]]
  if (low === undefined || high === undefined) throw new RangeError('expected figures, got none')
  return low + (high - low) * (at - Math.floor(at))
}

/** Percentile bootstrap of the median, 95 %. A run counts as one value: messages of a run are not
 *  independent of each other. */
export function medianInterval(values: readonly number[], seed = 1): [low: number, high: number] {
  const draw = xoroshiro128plus(seed)
  const medians = Array.from({ length: DRAWS }, () => median(values.map(() => values[uniformInt(draw, 0, values.length - 1)]!))).sort(
    (a, b) => a - b,
  )
  const at = (share: number) => medians[Math.round(share * (DRAWS - 1))]!
  return [at((1 - LEVEL) / 2), at((1 + LEVEL) / 2)]
}
