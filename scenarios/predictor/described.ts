import { GPU_PROFILES } from '#contracts/gpu-profiles'
import { BACKLOG_LOOK_MS } from '#contracts/limits'
import { type Prediction, predict, type Start, sameTasks, startedWorkers } from '#predictor'

/** Arrivals out of a file, which is not read yet. */
export interface TraceFile {
  kind: 'trace-file'
  path: string
}

/** What a prediction is asked about. */
export interface PredictArguments {
  tasks: number
  /** One per worker. */
  serviceMs: number[]
  /** One for all workers or one per worker. 0 = unlimited. */
  prefetchTasks: number[]
  start: Start | TraceFile
  /** How to read its trace, as typed. */
  trace: { columns?: string; from?: string }
  /** Stretches the gaps to this share of capacity; undefined = as they were. */
  load: number | undefined
  /** One per worker; empty = none. */
  priority: number[]
  /** Takes only while this many are ready, one per worker; 0 = always. */
  backlogMin: number[]
  slots: number
  gapMs: number
  seed: number
  /** A row per prefetch instead of one prediction; `prefetchTasks` is not used then. */
  sweep: boolean
  json: boolean
}

/** The curve that all simulated GPUs have: speed by streams, against one. Assumed, not measured. */
export const BATCHING: readonly number[] = GPU_PROFILES['synthetic-fast']?.batching ?? [1]

/** What a sweep tries. */
export const SWEPT_PREFETCHES: readonly number[] = [1, 2, 3, 5, 10, 20, 50, 100, 250]
/** A smaller difference of p95 waits is a tie: another seed reverses it. Percent. */
export const TIE_PERCENT = 1

/** Arguments whose file was read. */
export type Described = Omit<PredictArguments, 'start'> & {
  start: Start
  /** As `--start` took it. */
  startText: string
}

/** Out of one for all or one per worker. */
export const ofWorker = (list: readonly number[], worker: number): number => list[worker] ?? list[0] ?? 0

/** The arguments through the model. @param ideal of the same tasks and GPUs, if known */
export function predicted(args: Described, ideal?: Prediction['ideal']): Prediction {
  const { tasks, serviceMs, prefetchTasks, priority, backlogMin, start, slots, gapMs, seed } = args
  const workers = startedWorkers(serviceMs.length, { prefetchTasks: 0, slots, batching: BATCHING }, start).map((worker, index) => ({
    ...worker,
    prefetchTasks: ofWorker(prefetchTasks, index),
    priority: ofWorker(priority, index),
    backlogMin: ofWorker(backlogMin, index),
  }))
  return predict(sameTasks(tasks, serviceMs, start, seed), workers, { gapMs, lookMs: BACKLOG_LOOK_MS }, ideal)
}
