import type { History } from '#evidence/history'
import { modelWorkers, promptsOf, scheduleOf } from '#evidence/schedule'
import { idealSchedule } from '#predictor'
import { type Asked, type Window, waitEndMs } from './asked.ts'

/** Waits of an arm one by one, measured and ideal. Pure. */

export interface Sample {
  /** When it began. */
  atMs: number
  /** How long it was. */
  value: number
}

/** Who was never begun waited until the arm ended: what is lost makes no wait shorter. */
export function waitSamples(asked: readonly Asked[], { toMs }: Window): Sample[] {
  return asked.map(each => ({ atMs: each.askedMs, value: (waitEndMs(each) ?? toMs) - each.askedMs }))
}

/** Waits of the same prompts in the ideal schedule; undefined where the GPUs have no fixed service times. */
export function idealWaits(history: History): Sample[] | undefined {
  const model = modelWorkers(history)
  const schedule = scheduleOf(promptsOf(history))
  if (model === undefined || schedule.length === 0) return undefined
  const tasks = schedule.map(({ task, publishedMs }) => ({ id: task, publishedMs, serviceMs: model.serviceMs }))
  return idealSchedule(tasks, model.workers).map(({ publishedMs, startedMs }) => ({ atMs: publishedMs, value: startedMs - publishedMs }))
}
