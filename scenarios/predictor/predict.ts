import { makespanMs, sharesOf, type Waits, waitsOf } from './measures.ts'
import type { BrokerModel, ModelTask, ModelWorker, Schedule } from './model.ts'
import { orderOf } from './order.ts'
import { idealSchedule, predictSchedule } from './schedule.ts'
import { type Stranded, strandedPercent } from './stranded.ts'

/** The figures of a run, as `npm run predict -- --json` prints them. Order is counted by completion, waits run to the start. */
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
}

export interface Prediction {
  figures: Figures
  schedule: Schedule
  ideal: Schedule
  workers: readonly ModelWorker[]
}

/** The schedule that the broker brings about, the ideal one on the same draws, and the figures of both. Throws ModelError.
 *  @param ideal of the same tasks and GPUs, where it is known already: no prefetch and no hand-over changes it */
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
  }
  return { figures, schedule, ideal, workers }
}
