import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/** Medians, and how sure they are. Pure. */

const DRAWS = 2_000
const LEVEL = 0.95

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
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
