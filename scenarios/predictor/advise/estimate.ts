import { nearestRank } from '#predictor'

/** A figure and its 95 % interval. */
export interface Estimate {
  value: number
  low: number
  high: number
}

/** What a broker counts, in the mean. */
export interface Counts {
  ready: number
  unacked: number
}

/** What people met in one batch, ascending. Milliseconds. */
export interface Batch {
  counts: Counts
  /** From the publish to the start of the answer. */
  waitMs: Float64Array
  /** To the last token. */
  answerMs: Float64Array
}

export interface Outcome {
  waitMs: { p50: Estimate; p95: Estimate }
  answerMs: { p50: Estimate; p95: Estimate }
  /** Of all waits, those over the SLO. */
  latePercent: Estimate
  /** What an autoscaler or a dashboard sees. */
  counts: Counts
  batches: number
  tasks: number
}

/** Percentiles of all batches together, their intervals from how the batches differ (sectioning).
 *  Batches are taken as independent. @param batches two at least */
export function outcomeOf(batches: readonly Batch[], sloMs: number): Outcome {
  const [waits, answers] = [batches.map(batch => batch.waitMs), batches.map(batch => batch.answerMs)]
  const [allWaits, allAnswers] = [together(waits), together(answers)]
  const late = (sorted: Float64Array) => (100 * (sorted.length - firstAbove(sorted, sloMs))) / sorted.length
  const latePercent = sectioned(allWaits, waits, late)
  return {
    waitMs: { p50: percentile(allWaits, waits, 0.5), p95: percentile(allWaits, waits, 0.95) },
    answerMs: { p50: percentile(allAnswers, answers, 0.5), p95: percentile(allAnswers, answers, 0.95) },
    latePercent: { ...latePercent, high: Math.min(100, latePercent.high) },
    counts: { ready: meanOf(batches, 'ready'), unacked: meanOf(batches, 'unacked') },
    batches: batches.length,
    tasks: allWaits.length,
  }
}

const meanOf = (batches: readonly Batch[], of: keyof Counts) => batches.reduce((sum, { counts }) => sum + counts[of], 0) / batches.length

/** The p95 wait alone. */
export function p95WaitOf(batches: readonly Batch[]): Estimate {
  const waits = batches.map(batch => batch.waitMs)
  return percentile(together(waits), waits, 0.95)
}

const percentile = (all: Float64Array, batches: readonly Float64Array[], share: number) =>
  sectioned(all, batches, sorted => nearestRank(sorted, share))

function together(batches: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(batches.reduce((sum, batch) => sum + batch.length, 0))
  let at = 0
  for (const batch of batches) {
    all.set(batch, at)
    at += batch.length
  }
  return all.sort()
}

function sectioned(all: Float64Array, batches: readonly Float64Array[], figure: (sorted: Float64Array) => number): Estimate {
  const value = figure(all)
  const half = halfWidth(batches.map(batch => figure(batch) - value))
  return { value, low: Math.max(0, value - half), high: value + half }
}

function firstAbove(sorted: Float64Array, limit: number): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle]! > limit) high = middle
    else low = middle + 1
  }
  return low
}

/** Mean difference of one figure between two settings, batch by batch on the same draws. */
export function pairedDifference(from: readonly number[], to: readonly number[]): Estimate {
  const differences = to.map((value, i) => value - from[i]!)
  const value = differences.reduce((sum, one) => sum + one, 0) / differences.length
  const half = halfWidth(differences.map(one => one - value))
  return { value, low: value - half, high: value + half }
}

/** Of the 95 % interval of a mean. @param residuals about it */
function halfWidth(residuals: readonly number[]): number {
  const { length } = residuals
  const variance = residuals.reduce((sum, one) => sum + one ** 2, 0) / (length - 1)
  return studentT(length - 1) * Math.sqrt(variance / length)
}

const Z = 1.959_964

/** 97.5 % point of Student's t, by its expansion about the normal: within 0.3 % from 4 on. */
export function studentT(freedom: number): number {
  const first = (Z ** 3 + Z) / 4
  const second = (5 * Z ** 5 + 16 * Z ** 3 + 3 * Z) / 96
  const third = (3 * Z ** 7 + 19 * Z ** 5 + 17 * Z ** 3 - 15 * Z) / 384
  return Z + first / freedom + second / freedom ** 2 + third / freedom ** 3
}
