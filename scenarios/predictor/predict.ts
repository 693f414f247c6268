import { heldMaxMs, makespanMs, sharesOf, type Waits, waitsOf } from './measures.ts'
import type { BrokerModel, ModelTask, ModelWorker, Schedule } from './model.ts'
import { orderOf } from './order.ts'
import { idealSchedule, predictSchedule } from './schedule.ts'
import { type Stranded, strandedPercent } from './stranded.ts'

/** A run's figures, as `predict --json` prints them. Order by completion, waits to the start. */
export interface Figures {
  /** Pairs of tasks that ended the other way round than they were published. */
  inversions: number
  tau: number
  /** The most later tasks that ended before one task. */
  maxOvertakes: number
  makespanMs: number
  waitMs: Waits
  idealWaitMs: Waits
  /** Tasks by worker, in the order of the workers. */
  shares: number[]
  strandedPercent: Stranded
  /** The longest that a worker holds a task: RabbitMQ's consumer timeout is its limit. */
  heldMaxMs: number
}

export interface Prediction {
  figures: Figures
  schedule: Schedule
  ideal: Schedule
  workers: readonly ModelWorker[]
}

/** The broker's schedule, the ideal one on the same draws, and figures of both. Throws ModelError.
 *  @param ideal if known: prefetch and gap do not change it */
export function predict(
  tasks: readonly ModelTask[],
  workers: readonly ModelWorker[],
  broker: BrokerModel = {},
  ideal: Schedule = idealSchedule(tasks, workers),
): Prediction {
  const schedule = predictSchedule(tasks, workers, broker)
  const { inversions, tau, maxOvertakes } = orderOf(schedule.map(({ endedMs }) => endedMs))
  const figures = {
    inversions,
    tau,
    maxOvertakes,
    makespanMs: makespanMs(schedule),
    waitMs: waitsOf(schedule),
    idealWaitMs: waitsOf(ideal),
    shares: sharesOf(schedule, workers),
    strandedPercent: strandedPercent(schedule, tasks, workers),
    heldMaxMs: heldMaxMs(schedule),
  }
  return { figures, schedule, ideal, workers }
}
