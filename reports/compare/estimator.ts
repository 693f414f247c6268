import type { Sample } from '../model/waits.ts'

/** A figure of one run, worked out again with its stretches of time weighed anew: what a block bootstrap needs. Neighbouring waits belong to one busy
 *  period, so that not the single wait is drawn but the whole stretch. Pure. */

export interface Estimator {
  /** Stretches of time. */
  blocks: number
  /** How many samples stand behind it. */
  samples: number
  /** @param weights how often each block counts; all 1 = as measured. NaN where nothing is left. */
  estimate(weights: ArrayLike<number>): number
}

/** Equal stretches of time into which a run is cut. */
const BLOCKS = 20
/** Ratios need something to divide by: below the clock's own fineness a time says nothing. Milliseconds. */
const FLOOR_MS = 0.01

/** A percentile by nearest rank, as everywhere. @param share 0.95 = p95 */
export function quantileOf(samples: readonly Sample[], share: number): Estimator {
  const block = blockOf(samples)
  const order = samples.map((_, i) => i).sort((a, b) => samples[a]!.value - samples[b]!.value)
  const values = Float64Array.from(order, i => Math.max(FLOOR_MS, samples[i]!.value))
  const blocks = Uint8Array.from(order, i => block(samples[i]!.atMs))
  return { blocks: BLOCKS, samples: samples.length, estimate: weights => weighedQuantile(values, blocks, weights, share) }
}

function weighedQuantile(values: Float64Array, blocks: Uint8Array, weights: ArrayLike<number>, share: number): number {
  let total = 0
  for (let i = 0; i < blocks.length; i += 1) total += weights[blocks[i]!]!
  const rank = Math.ceil(share * total)
  let seen = 0
  for (let i = 0; i < values.length; i += 1) {
    seen += weights[blocks[i]!]!
    if (seen >= rank && seen > 0) return values[i]!
  }
  return Number.NaN
}

/** One percentile over another of the same moments: what was measured over what is ideal. */
export function ratioOf(above: Estimator, below: Estimator): Estimator {
  return { blocks: BLOCKS, samples: above.samples, estimate: weights => above.estimate(weights) / below.estimate(weights) }
}

/** Things done per second of time in which they could be. @param done when each was done @param open stretches of that time, apart and ascending */
export function rateOf(done: readonly { atMs: number }[], open: readonly { fromMs: number; toMs: number }[]): Estimator {
  const ends = [{ atMs: open[0]?.fromMs ?? 0 }, { atMs: open.at(-1)?.toMs ?? 0 }]
  const block = blockOf(ends)
  const counts = new Float64Array(BLOCKS)
  const seconds = new Float64Array(BLOCKS)
  const [fromMs, widthMs] = [ends[0]!.atMs, (ends[1]!.atMs - ends[0]!.atMs) / BLOCKS]
  for (const { atMs } of done) counts[block(atMs)]! += 1
  for (const span of open)
    for (let b = block(span.fromMs); b <= block(span.toMs); b += 1) {
      const [low, high] = [fromMs + b * widthMs, fromMs + (b + 1) * widthMs]
      seconds[b]! += Math.max(0, Math.min(span.toMs, high) - Math.max(span.fromMs, low)) / 1_000
    }
  return {
    blocks: BLOCKS,
    samples: done.length,
    estimate: weights => weighed(counts, weights) / weighed(seconds, weights),
  }
}

function weighed(values: Float64Array, weights: ArrayLike<number>): number {
  return values.reduce((sum, value, i) => sum + value * weights[i]!, 0)
}

/** A figure of the run as a whole, that nothing can be drawn from. */
export function wholeOf(value: number, samples: number): Estimator {
  return { blocks: 1, samples, estimate: () => value }
}

/** As it was measured. */
export function measured({ blocks, estimate }: Estimator): number {
  return estimate(new Uint8Array(blocks).fill(1))
}

/** In which block a moment lies. */
function blockOf(samples: readonly { atMs: number }[]): (atMs: number) => number {
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const { atMs } of samples) [first, last] = [Math.min(first, atMs), Math.max(last, atMs)]
  const widthMs = Math.max(1e-6, (last - first) / BLOCKS)
  return atMs => Math.max(0, Math.min(BLOCKS - 1, Math.floor((atMs - first) / widthMs)))
}
