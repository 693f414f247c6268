/** The model's types. Times are milliseconds from the model's start, in whole nanoseconds. */

export interface ModelTask {
  id: string
  publishedMs: number
  /** Time alone on each worker's GPU, in worker order. Over 0. */
  serviceMs: readonly number[]
  /** Whose it is, for `userTasksAtOnce`. */
  user?: string
}

export interface ModelWorker {
  name: string
  /** Unsettled tasks that the broker hands over. 0 = unlimited. */
  prefetchTasks: number
  /** Inferences at a time, whatever the prefetch. Default 1. */
  slots?: number
  /** Total speed by streams, relative to one; the last holds beyond. Default [1]: shared. */
  batching?: readonly number[]
  /** Consumer priority; a higher one is served first as long as it has room. Default 0. */
  priority?: number
  /** Takes only while at least this many are ready, or nobody else is there. 0 = always. */
  backlogMin?: number
  /** Default: before the first task. At a publish's instant, the publish is first. */
  connectedMs?: number
}

/** Inferences that slots and prefetch let it run at a time. */
export function streamsOf({ slots = 1, prefetchTasks }: Pick<ModelWorker, 'slots' | 'prefetchTasks'>): number {
  return prefetchTasks === 0 ? slots : Math.min(slots, prefetchTasks)
}

/** Speed of its GPU with all these streams, relative to one. */
export function speedOf({ batching = [1] }: Pick<ModelWorker, 'batching'>, streams: number): number {
  return batching[streams - 1] ?? batching.at(-1) ?? 1
}

export interface BrokerModel {
  /** From an inference's end to the next delivery, half each way. Milliseconds, default 0. */
  gapMs?: number
  /** A slot's time between inferences: count, save, confirm. Milliseconds, default 0. */
  occupiedMs?: number
  /** Between two looks of workers with a `backlogMin`. Milliseconds, default 0: at once. */
  lookMs?: number
  /** One user's unsettled tasks in the queue and at the workers. Default 0: all. */
  userTasksAtOnce?: number
  /** Quorum queues cap "unlimited" at 2000 tasks. Default `classic`: no cap. */
  queueType?: 'classic' | 'quorum'
}

/** One task's place and times. */
export interface Placement {
  task: string
  /** Name of the worker that ran it. */
  worker: string
  publishedMs: number
  /** The broker chose its worker. */
  sentMs: number
  /** It reached the worker's buffer. */
  deliveredMs: number
  startedMs: number
  endedMs: number
}

/** One placement per task, in the order of publishing. */
export type Schedule = Placement[]

/** A task or worker that the model cannot take; the message names it. */
export class ModelError extends Error {
  readonly code = 'BAD_MODEL'
}

/** Throws ModelError at the first task or worker that makes no sense. */
export function checkModel(
  tasks: readonly ModelTask[],
  workers: readonly ModelWorker[],
  { gapMs = 0, occupiedMs = 0, lookMs = 0, userTasksAtOnce = 0 }: BrokerModel = {},
): void {
  if (workers.length === 0) throw new ModelError('expected at least one worker, got none')
  if (new Set(workers.map(w => w.name)).size < workers.length)
    throw new ModelError(`expected worker names that differ, got ${workers.map(w => w.name).join(', ')}`)
  for (const [name, ms] of Object.entries({ gapMs, occupiedMs, lookMs }))
    if (!(ms >= 0 && ms < Number.POSITIVE_INFINITY)) throw new ModelError(`${name}: expected 0 or more, got ${ms}`)
  if (!Number.isInteger(userTasksAtOnce) || userTasksAtOnce < 0)
    throw new ModelError(`userTasksAtOnce: expected a whole number from 0 on, got ${userTasksAtOnce}`)
  for (const { name, prefetchTasks, slots = 1, batching = [1], priority = 0, backlogMin = 0, connectedMs = 0 } of workers) {
    if (!Number.isInteger(backlogMin) || backlogMin < 0)
      throw new ModelError(`${name}: backlogMin: expected a whole number from 0 on, got ${backlogMin}`)
    if (!Number.isInteger(prefetchTasks) || prefetchTasks < 0)
      throw new ModelError(`${name}: prefetchTasks: expected a whole number from 0 on, got ${prefetchTasks}`)
    if (!Number.isInteger(slots) || slots < 1) throw new ModelError(`${name}: slots: expected a whole number from 1 on, got ${slots}`)
    if (batching.length === 0 || !batching.every(speed => speed > 0 && Number.isFinite(speed)))
      throw new ModelError(`${name}: batching: expected speeds over 0, got [${batching.join(', ')}]`)
    if (!Number.isFinite(priority)) throw new ModelError(`${name}: priority: expected a number, got ${priority}`)
    if (Number.isNaN(connectedMs) || connectedMs === Number.POSITIVE_INFINITY)
      throw new ModelError(`${name}: connectedMs: expected a time, got ${connectedMs}`)
  }
  for (const { id, publishedMs, serviceMs } of tasks) {
    if (!Number.isFinite(publishedMs)) throw new ModelError(`${id}: publishedMs: expected a time, got ${publishedMs}`)
    if (serviceMs.length !== workers.length || !serviceMs.every(ms => ms > 0 && Number.isFinite(ms)))
      throw new ModelError(`${id}: serviceMs: expected ${workers.length} times over 0, got [${serviceMs.join(', ')}]`)
  }
}
