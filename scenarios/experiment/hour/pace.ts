import { capacityPerSecond } from '#predictor'
import type { Hour } from './hour.ts'

/** What one answer costs a machine beside its GPU. It passes in real time whatever the time scale, so at a high one it is all that is measured. */

/** Offered work may come so near to what GPUs and gap can do together; much nearer, and a queue grows whatever the prefetch, with any other work
 *  on the machine beyond all bounds. */
const LOAD_MAX = 0.88
/** An hour that takes longer than this is no demonstration any more. Seconds. */
const SECONDS_MAX = 180
const SECONDS_STEP = 15

/** How long the hour should take on a machine with this gap: as long as wanted, or longer, so that prefetch 1 keeps up. Pure.
 *  @param gapMs of the machine. @param seconds wanted
 *  @param secondsMax default: as long as anybody watches */
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

/** How long to let the hour take after one that was too fast: twice as long at least, longer where the gap asks for it, up to eight times.
 *  @param secondsMax more than that cannot be asked for */
export function slowerSeconds(hour: Pick<Hour, 'hourMs' | 'tasks'>, gapMs: number, seconds: number, secondsMax: number): number {
  return Math.min(secondsMax, Math.ceil(fittingSeconds(hour, gapMs, 2 * seconds, 8 * seconds)))
}
