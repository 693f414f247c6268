import { GPU_PROFILES } from '#contracts/gpu-profiles'
import { BACKLOG_LOOK_MS } from '#contracts/limits'
import { type ModelTask, type Prediction, predict, publishTimesMs, type Start, sameTasks, startedWorkers, taskIds } from '#predictor'
import type { Kind, Sizes } from './advise/question.ts'
import type { LongPrompts, TooLong } from './trace/long-prompts.ts'

/** Arrivals out of a file, which is not read yet. */
export interface TraceFile {
  kind: 'trace-file'
  path: string
}

/** One's own GPUs, and what they answer. */
export interface AskedGpus {
  kinds: readonly Kind[]
  /** The kind of each worker. */
  fleet: readonly number[]
  model: string
  /** Of all but a trace, which has its own. */
  sizes: Sizes
}

/** Service times that differ from task to task. */
export interface DrawnWork {
  /** By worker: of each task, in milliseconds. */
  taskMs: readonly Float64Array[]
  /** Mean lengths. */
  tokens: { prompt: number; answer: number }
}

/** What a prediction is asked about. */
export interface PredictArguments {
  tasks: number
  /** One per worker; of GPUs the mean, once their work is drawn. */
  serviceMs: number[]
  /** Undefined: `serviceMs` is all that is known. */
  gpus: AskedGpus | undefined
  /** One for all workers or one per worker. 0 = unlimited. */
  prefetchTasks: number[]
  start: Start | TraceFile
  /** How to read its trace, as typed. */
  trace: { columns?: string; from?: string; longPrompts?: LongPrompts }
  /** Stretches the gaps to this share of capacity; undefined = as they were. */
  load: number | undefined
  /** One per worker; empty = none. */
  priority: number[]
  /** Takes only while this many are ready, one per worker; 0 = always. */
  backlogMin: number[]
  /** One for all or one per worker. */
  slots: number[]
  gapMs: number
  /** The broker takes back a task held for longer; the model does not. Milliseconds. */
  consumerTimeoutMs: number
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
  /** Of `gpus`. */
  work?: DrawnWork
  /** Of a trace. */
  tooLong?: TooLong
}

/** What decides how much workers can do. */
export type Fleet = Pick<PredictArguments, 'serviceMs' | 'slots' | 'gpus'>

/** Total speed of a worker's GPU by streams, relative to one. */
export function batchingOf({ gpus }: Pick<Fleet, 'gpus'>, worker: number): readonly number[] {
  return gpus?.kinds[gpus.fleet[worker] ?? 0]?.batching ?? BATCHING
}

/** Out of one for all or one per worker. */
export const ofWorker = (list: readonly number[], worker: number): number => list[worker] ?? list[0] ?? 0

/** The arguments through the model. @param ideal of the same tasks and GPUs, if known */
export function predicted(args: Described, ideal?: Prediction['ideal']): Prediction {
  const { serviceMs, prefetchTasks, priority, backlogMin, start, slots, gapMs } = args
  const workers = startedWorkers(serviceMs.length, { prefetchTasks: 0 }, start).map((worker, index) => ({
    ...worker,
    prefetchTasks: ofWorker(prefetchTasks, index),
    slots: ofWorker(slots, index),
    batching: batchingOf(args, index),
    priority: ofWorker(priority, index),
    backlogMin: ofWorker(backlogMin, index),
  }))
  return predict(tasksOf(args), workers, { gapMs, lookMs: BACKLOG_LOOK_MS }, ideal)
}

function tasksOf({ tasks, serviceMs, start, seed, work }: Described): ModelTask[] {
  if (work === undefined) return sameTasks(tasks, serviceMs, start, seed)
  const ids = taskIds(tasks)
  const publishedMs = publishTimesMs(start, ids, seed)
  return ids.map((id, i) => ({ id, publishedMs: publishedMs[i]!, serviceMs: work.taskMs.map(times => times[i]!) }))
}
