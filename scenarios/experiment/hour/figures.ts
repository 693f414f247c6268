import { idealSchedule, type ModelTask, type Schedule, strandedPercent, type Waits, waitsOf } from '#predictor'
import type { Arm } from './state.ts'

/** An hour in figures, predicted or measured. Pure. */

export interface Figures {
  /** From asking to the start; who still waits at the end counts with the wait so far. */
  waitMs: Waits
  /** The same questions first come, first served, without gap or idle GPUs. */
  idealWaitMs: Waits
  /** Of what both GPUs could have done, percent: idle while somebody waited. */
  strandedPercent: number
}

/** Figures up to the hour's end. @param tasks the same in the same order, with times per GPU */
export function figuresOf(arm: Arm, tasks: readonly ModelTask[], hourMs: number): Figures {
  const workers = arm.gpus.map(name => ({ name, prefetchTasks: 1 }))
  const schedule = arm.tasks.map((task, index) => {
    const startedMs = task.startedAtMs ?? hourMs
    return {
      task: tasks[index]?.id ?? '',
      // A task without an answer counts on neither GPU.
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
