import { capacityPerSecond } from '#predictor'
import type { Hour } from './hour.ts'

/** An answer's cost beside its GPU. It ignores the time scale, and dominates at a high one. */

/** Highest load of GPUs with gap; above it a queue grows at any prefetch. */
const LOAD_MAX = 0.88
/** A longer hour is not a demonstration. Seconds. */
const SECONDS_MAX = 180
const SECONDS_STEP = 15

/** Seconds in which prefetch 1 keeps up with this gap, at least `seconds`. Pure. @param gapMs of
 *  the machine @param secondsMax default: as long as anybody watches */
export function fittingSeconds(
  { hourMs, tasks }: Pick<Hour, 'hourMs' | 'tasks'>,
  gapMs: number,
  seconds: number,
  secondsMax = SECONDS_MAX,
): number {
  const fits = (tried: number) => {
    const addedMs = (gapMs * hourMs) / (1_000 * tried)
    const eachMs = tasks.map(task => task.serviceMs.map(ms => ms + addedMs))
    const perMs = capacityPerSecond(eachMs, eachMs[0]?.length ?? 0) / 1_000
    return tasks.length / hourMs <= LOAD_MAX * perMs
  }
  let tried = seconds
  while (tried < secondsMax && !fits(tried)) tried = Math.min(secondsMax, tried + SECONDS_STEP)
  return tried
}

/** A slower hour: twice to eight times as long, as the gap asks. @param secondsMax upper bound */
export function slowerSeconds(hour: Pick<Hour, 'hourMs' | 'tasks'>, gapMs: number, seconds: number, secondsMax: number): number {
  return Math.min(secondsMax, Math.ceil(fittingSeconds(hour, gapMs, 2 * seconds, 8 * seconds)))
}
