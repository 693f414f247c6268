import type { Figures } from '../../scenarios/experiment/hour/figures.ts'
import { offeredShare } from '../../scenarios/experiment/hour/gpus.ts'
import type { Hour } from '../../scenarios/experiment/hour/hour.ts'
import type { Arm } from '../../scenarios/experiment/hour/state.ts'
import { spoken } from './text.ts'

/** Whether an hour contradicts its prediction. A machine too slow for the scale always queues. */

/** Allowed above twice the predicted peak: at time scale 60 a pause of 0.5 s adds 20. */
const READY_MORE = 30
/** Allowed difference of stranded capacity, points. */
const STRANDED_POINTS = 15
/** Prefetch 1 may leave this share of the other arm's p95 wait, or twice what was predicted. */
const WAIT_LEFT = 0.5

/** A contradiction in at most 80 columns; undefined = none. @param hour predicted for this gap */
export function contradictionOf(hour: Hour, arms: readonly [Arm, Arm], figures: readonly [Figures, Figures]): string | undefined {
  const share = offeredShare(hour)
  if (share >= 1) return `with this machine's gap the load is ${Math.round(100 * share)} %`
  for (const a of [1, 0] as const) {
    const [seen, predicted] = [mostReady(arms[a], hour.hourMs), mostReady(hour.arms[a], hour.hourMs)]
    if (seen > 2 * predicted + READY_MORE) return `${seen} messages ready with ${arms[a].title}, predicted at most ${predicted}`
  }
  for (const a of [0, 1] as const) {
    const [seen, predicted] = [figures[a].strandedPercent, hour.figures[a].strandedPercent]
    if (Math.abs(seen - predicted) > STRANDED_POINTS)
      return `${seen.toFixed(0)} % stranded with ${arms[a].title}, predicted ${predicted.toFixed(0)} %`
  }
  const left = ([large, one]: readonly [Figures, Figures]) => one.waitMs.p95 / large.waitMs.p95
  if (left(figures) <= Math.max(WAIT_LEFT, 2 * left(hour.figures))) return undefined
  return `the p95 wait with ${arms[1].title} is ${spoken(figures[1].waitMs.p95)}, predicted ${spoken(hour.figures[1].waitMs.p95)}`
}

/** Most ready messages at an instant: sampled if measured, from its tasks if predicted. */
export function mostReady({ samples, tasks }: Arm, hourMs: number): number {
  if (samples !== undefined) return samples.reduce((most, { atMs, ready }) => (atMs <= hourMs ? Math.max(most, ready) : most), 0)
  const steps = tasks.flatMap(({ arrivedAtMs, deliveredAtMs = hourMs }) => [
    { atMs: arrivedAtMs, more: 1 },
    { atMs: deliveredAtMs, more: -1 },
  ])
  let [ready, most] = [0, 0]
  // What leaves at an instant leaves before what comes.
  for (const { atMs, more } of steps.sort((a, b) => a.atMs - b.atMs || a.more - b.more)) {
    if (atMs > hourMs) break
    ready += more
    most = Math.max(most, ready)
  }
  return most
}
