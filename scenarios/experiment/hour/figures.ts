import { idealSchedule, type ModelTask, type Schedule, strandedPercent, type Waits, waitsOf } from '#predictor'
import type { Arm } from './state.ts'

/** An hour in figures, predicted or measured. Pure. */

export interface Figures {
  /** From asking to the start of the answer; whoever still waits at the end of the hour counts with what she has waited by then. */
  waitMs: Waits
  /** The same questions, first come first served without any gap, GPUs never idle while somebody waits. */
  idealWaitMs: Waits
  /** Of what both GPUs could have done, percent: idle while somebody waited. */
  strandedPercent: number
}

/** The figures of an arm, predicted or measured, up to the end of the hour. @param tasks the same tasks in the same order, with their times on each GPU */
export function figuresOf(arm: Arm, tasks: readonly ModelTask[], hourMs: number): Figures {
  const workers = arm.gpus.map(name => ({ name, prefetchTasks: 1 }))
  const schedule = arm.tasks.map((task, index) => {
    const startedMs = task.startedAtMs ?? hourMs
    return {
      task: tasks[index]?.id ?? '',
      // Whoever was never answered was stranded on neither GPU more than on the other.
      worker: arm.gpus[task.gpu ?? 0] ?? '',
      publishedMs: task.arrivedAtMs,
      sentMs: task.deliveredAtMs ?? startedMs,
      deliveredMs: task.deliveredAtMs ?? startedMs,
      startedMs,
      endedMs: task.endedAtMs ?? hourMs,
    }
  })
  const upToNow = cut(schedule, hourMs)
  const { hoarding, roundTrip } = strandedPercent(upToNow, tasks.slice(0, schedule.length), workers)
  const asked = tasks.slice(0, schedule.length).map((task, index) => ({ ...task, publishedMs: upToNow[index]?.publishedMs ?? 0 }))
  return {
    waitMs: waitsOf(upToNow),
    idealWaitMs: waitsOf(cut(idealSchedule(asked, workers), hourMs)),
    strandedPercent: hoarding + roundTrip,
  }
}

/** Nothing happens after the end; and nothing before its cause, whatever two clocks said. */
function cut(schedule: Schedule, hourMs: number): Schedule {
  return schedule.map(placement => {
    let lastMs = Number.NEGATIVE_INFINITY
    const times = [placement.publishedMs, placement.sentMs, placement.deliveredMs, placement.startedMs, placement.endedMs]
    const [publishedMs = 0, sentMs = 0, deliveredMs = 0, startedMs = 0, endedMs = 0] = times.map(atMs => {
      lastMs = Math.max(lastMs, Math.min(atMs, hourMs))
      return lastMs
    })
    return { ...placement, publishedMs, sentMs, deliveredMs, startedMs, endedMs }
  })
}
