import { gpuProfile } from '#contracts/gpu-profiles'
import { capacityPerSecond, type Prediction, predict, type Start, sameTasks, startedWorkers } from '#predictor'
import { TraceError, type TraceRow } from '../replay/trace.ts'
import type { PredictArguments } from './arguments.ts'

export type Described = Omit<PredictArguments, 'start' | 'load'> & { start: Start }

/** Out of one for all or one per worker. */
export const ofWorker = (list: readonly number[], worker: number): number => list[worker] ?? list[0] ?? 0

/** What the arguments describe, through the model. */
export function predicted({ tasks, serviceMs, prefetchTasks, priority, start, slots, handOverMs, seed }: Described): Prediction {
  const { batching } = gpuProfile('synthetic-fast') // The curve that all simulated GPUs have.
  const workers = startedWorkers(serviceMs.length, { prefetchTasks: 0, slots, batching }, start).map((worker, index) => ({
    ...worker,
    prefetchTasks: ofWorker(prefetchTasks, index),
    priority: ofWorker(priority, index),
  }))
  return predict(sameTasks(tasks, serviceMs, start, seed), workers, { handOverMs })
}

/** Arrivals of the first rows of a trace, the first at 0. @param load stretches the gaps to this share of what the workers can do. Throws TraceError. */
export function traceStart(rows: readonly TraceRow[], { tasks, serviceMs, load }: PredictArguments): Start {
  const taken = rows.slice(0, tasks)
  const [first, last] = [taken[0], taken.at(-1)]
  if (first === undefined || last === undefined || taken.length < tasks)
    throw new TraceError(`expected ${tasks} rows, got ${rows.length}; ask for fewer: --tasks ${rows.length}`)
  const spanMs = last.atMs - first.atMs
  const wantedMs = load === undefined ? spanMs : ((tasks - 1) * 1_000) / (load * capacityPerSecond([serviceMs], serviceMs.length))
  const stretch = spanMs === 0 ? 1 : wantedMs / spanMs
  return { kind: 'trace', publishedMs: taken.map(row => (row.atMs - first.atMs) * stretch) }
}
