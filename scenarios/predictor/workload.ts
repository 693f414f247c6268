import type { GpuProfile } from '#contracts/gpu-profiles'
import { inferenceTiming } from '#contracts/gpu-timing'
import type { ModelTask } from './model.ts'

export interface ProfiledWork {
  /** One per worker, in their order. */
  profiles: readonly GpuProfile[]
  model: string
  seed: number
  /** Divides the GPU times and nothing else. Default 1. */
  timeScale?: number
}

/** Service times of one task on each worker, drawn as the simulated GPUs draw them. The model is loaded. */
export function profiledTimes(
  { profiles, model, seed, timeScale = 1 }: ProfiledWork,
  task: string,
  promptTokens: number,
  answerTokens: number,
): Pick<ModelTask, 'serviceMs'> {
  const timings = profiles.map(profile => inferenceTiming(profile, model, seed, task, promptTokens, answerTokens))
  return { serviceMs: timings.map(timing => timing.serviceMs / timeScale) }
}

/** What the workers can carry together: the sum of 1 / mean service time on this mix of tasks. It is also the work-weighted capacity, since a GPU's
 *  mean is over the same tasks whoever runs them. Tasks per second, one stream per worker. */
export function capacityPerSecond(serviceMs: readonly (readonly number[])[], workers: number): number {
  let capacity = 0
  for (let worker = 0; worker < workers; worker++) {
    const totalMs = serviceMs.reduce((sum, times) => sum + times[worker]!, 0)
    capacity += (1_000 * serviceMs.length) / totalMs
  }
  return capacity
}
