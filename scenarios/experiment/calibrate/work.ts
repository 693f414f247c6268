import type { GpuProfile } from '#contracts/gpu-profiles'
import type { EventOf } from '#evidence/history'
import { mean, median } from '#evidence/statistics'
import { capacityPerSecond, profiledTimes, publishTimesMs, taskIds } from '#predictor'
import type { Work } from './agreement.ts'
import type { Calibrated, ServedModel } from './profile.ts'

/** What a run will ask, by a profile and by what its warm-up showed. Pure. */

export interface WorkAsked extends Pick<Calibrated, 'profile' | 'questionTokens' | 'answerTokens' | 'spread'> {
  server: Pick<ServedModel, 'billions'>
  prompts: number
  /** Share of what the profile can do. */
  load: number
  seed: number
}

/** Answers to waiting prompts: one ran after another. */
export type Warm = Pick<EventOf<'reported'>, 'tookMs'>

/** Uncertainty of a profile's speed. Of seven runs of one server on a quiet machine, three were 5
 *  to 7 % slower, none worse (Ollama 0.17.4, two cores). */
const SPREAD_MIN = 0.08

export function workOf(
  { profile, server, questionTokens, answerTokens, prompts, load, seed, spread }: WorkAsked,
  gapMs: number,
  warm: readonly Warm[],
): Work {
  const ids = taskIds(prompts)
  // By its size, whatever its name says.
  const model = `${server.billions}b`
  const draw = (drawn: number) =>
    ids.map(id => profiledTimes({ profiles: [profile], model, seed: drawn }, id, questionTokens, answerTokens))
  const serviceMs = draw(seed).map(times => times.serviceMs[0]!)
  const beside = besideOf(warm, mean(serviceMs), profile)
  const eachMs = serviceMs.map(ms => [ms * beside + gapMs])
  const dueMs = publishTimesMs({ kind: 'poisson', perSecond: load * capacityPerSecond(eachMs, 1) }, ids, seed)
  const worker = { name: 'worker-fast', prefetchTasks: profile.slots, slots: profile.slots, batching: profile.batching }
  const usual = median(warm.map(answer => answer.tookMs))
  const ratios = warm.map(answer => answer.tookMs / usual)
  return { ids, dueMs, draw, worker, gapMs, beside, ratios, seed, spread: Math.max(SPREAD_MIN, spread) }
}

/** From back-to-back answers at the server's concurrency. The median ignores disturbances. */
function besideOf(warm: readonly Warm[], serviceMs: number, { slots, batching }: GpuProfile): number {
  return (median(warm.map(answer => answer.tookMs)) * (batching[slots - 1] ?? 1)) / slots / serviceMs
}
