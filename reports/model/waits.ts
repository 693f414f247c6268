import type { History } from '#evidence/history'
import { modelWorkers, promptsOf, scheduleOf } from '#evidence/schedule'
import { idealSchedule } from '#predictor'
import { type Asked, type Window, waitEndMs } from './asked.ts'

/** Waits of an arm one by one, measured and ideal. Milliseconds. Pure. */

/** A prompt that never began waited until the arm ended: what is lost makes no wait shorter. */
export function measuredWaits(asked: readonly Asked[], { toMs }: Window): number[] {
  return asked.map(each => (waitEndMs(each) ?? toMs) - each.askedMs)
}

/** Waits in the ideal schedule; undefined without fixed service times. */
export function idealWaits(history: History): number[] | undefined {
  const model = modelWorkers(history)
  const schedule = scheduleOf(promptsOf(history))
  if (model === undefined || schedule.length === 0) return undefined
  return idealSchedule(model.tasksOf(schedule), model.workers).map(({ publishedMs, startedMs }) => startedMs - publishedMs)
}
