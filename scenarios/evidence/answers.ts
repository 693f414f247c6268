import { summarise } from '#predictor'
import { eventsOf, type History } from './history.ts'

/** Answers of a real model server, from asking until their askers saw them. Pure. */

/** One prompt. Milliseconds, of any clock. */
export interface Answer {
  /** When it was to be asked; a prompt that is asked late has waited. */
  dueMs: number
  /** The model server got it. */
  startedMs: number
  /** The model server was done with it. */
  endedMs: number
  /** Its asker saw the whole answer. */
  seenMs: number
}

export function answersOf(
  prompts: readonly { user: string; task: string; askedMs: number; startedMs: number; endedMs: number }[],
  history: History,
): Answer[] {
  const seenMs = new Map(eventsOf(history, 'shown').map(({ user, task, atMs }) => [`${user}:${task}`, atMs]))
  return prompts.map(({ user, task, askedMs: dueMs, startedMs, endedMs }) => {
    return { dueMs, startedMs, endedMs, seenMs: seenMs.get(`${user}:${task}`) ?? endedMs }
  })
}

/** By the names of the table of measures. */
export function answerMeasures(answers: readonly Answer[]): Record<string, number> {
  const wait = summarise(answers.map(({ dueMs, startedMs }) => startedMs - dueMs))
  const seen = summarise(answers.map(({ dueMs, seenMs }) => seenMs - dueMs))
  return {
    serverMeanMs: summarise(answers.map(({ startedMs, endedMs }) => endedMs - startedMs)).mean,
    waitMeanMs: wait.mean,
    waitP50Ms: wait.p50,
    waitP95Ms: wait.p95,
    seenP50Ms: seen.p50,
    seenP95Ms: seen.p95,
    allSeenMs: Math.max(...answers.map(({ seenMs }) => seenMs)) - Math.min(...answers.map(({ dueMs }) => dueMs)),
  }
}
