import { gpuProfile } from '#contracts/gpu-profiles'
import { type Prediction, predict, sameTasks, startedWorkers } from '#predictor'
import type { PredictArguments } from './arguments.ts'

/** What the arguments describe, through the model. */
export function predicted({ tasks, serviceMs, prefetchTasks, start, slots, handOverMs, seed }: PredictArguments): Prediction {
  const { batching } = gpuProfile('synthetic-fast') // The curve that all simulated GPUs have.
  const workers = startedWorkers(serviceMs.length, { prefetchTasks, slots, batching }, start)
  return predict(sameTasks(tasks, serviceMs, start, seed), workers, { handOverMs })
}
