/** The words of the model. Times are milliseconds since the start of the model's clock; each is kept to the whole nanosecond. */

export interface ModelTask {
  id: string
  publishedMs: number
  /** How long this task takes on each worker with the GPU to itself, in the order of the workers. Over 0. */
  serviceMs: readonly number[]
}

export interface ModelWorker {
  name: string
  /** Unsettled tasks that the broker hands over. 0 = unlimited. */
  prefetchTasks: number
  /** Inferences at a time, whatever the prefetch. Default 1. */
  slots?: number
  /** Aggregate speed by running streams, relative to one stream; the last value holds beyond. Default [1]: streams share what one would get. */
  batching?: readonly number[]
  /** Consumer priority; a higher one is served first as long as it has room. Default 0. */
  priority?: number
  /** Default: before the first task is published. At the instant of a publish, the publish comes first. */
  connectedMs?: number
}

export interface BrokerModel {
  /** From the end of an inference to the delivery of the task that takes its place: half of it to the broker, half back. Milliseconds, default 0. */
  handOverMs?: number
  /** What a worker does around an inference with its slot taken, whatever the prefetch: counting the attempt, saving the answer, waiting for the
   *  confirm. Milliseconds between two inferences of one slot, default 0. */
  occupiedMs?: number
  /** Quorum queues cap "unlimited" at 2000 tasks. Default `classic`: no cap. */
  queueType?: 'classic' | 'quorum'
}

/** What became of one task. */
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
  { handOverMs = 0, occupiedMs = 0 }: BrokerModel = {},
): void {
  if (workers.length === 0) throw new ModelError('expected at least one worker, got none')
  if (new Set(workers.map(w => w.name)).size < workers.length)
    throw new ModelError(`expected worker names that differ, got ${workers.map(w => w.name).join(', ')}`)
  for (const [name, ms] of Object.entries({ handOverMs, occupiedMs }))
    if (!(ms >= 0 && ms < Number.POSITIVE_INFINITY)) throw new ModelError(`${name}: expected 0 or more, got ${ms}`)
  for (const { name, prefetchTasks, slots = 1, batching = [1], priority = 0, connectedMs = 0 } of workers) {
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
