import type { GpuProfile } from '#contracts/gpu-profiles'
import { inferenceTiming } from '#contracts/gpu-timing'
import { type ModelTask, type ModelWorker, speedOf, streamsOf } from './model.ts'

export interface ProfiledWork {
  /** One per worker, in their order. */
  profiles: readonly GpuProfile[]
  model: string
  seed: number
  /** Divides the GPU times and nothing else. Default 1. */
  timeScale?: number
}

/** A task's service times per worker, as the simulated GPUs draw them, model loaded. */
export function profiledTimes(
  { profiles, model, seed, timeScale = 1 }: ProfiledWork,
  task: string,
  promptTokens: number,
  answerTokens: number,
): Pick<ModelTask, 'serviceMs'> {
  const timings = profiles.map(profile => inferenceTiming(profile, model, seed, task, promptTokens, answerTokens))
  return { serviceMs: timings.map(timing => timing.serviceMs / timeScale) }
}

/** Tasks per second of a worker whose streams are never without one but in the gap.
 *  @param serviceMs of a task alone @param gapMs between two inferences of a stream */
export function workerPerSecond(worker: ModelWorker, serviceMs: number, gapMs = 0): number {
  const streams = streamsOf(worker)
  return (1_000 * streams) / ((serviceMs * streams) / speedOf(worker, streams) + gapMs)
}

/** Joint capacity, one stream per worker: the sum of 1 / mean service time. Tasks per second. */
export function capacityPerSecond(serviceMs: readonly (readonly number[])[], workers: number): number {
  let capacity = 0
  for (let worker = 0; worker < workers; worker++) {
    const totalMs = serviceMs.reduce((sum, times) => sum + times[worker]!, 0)
    capacity += (1_000 * serviceMs.length) / totalMs
  }
  return capacity
}
