import { eventsOf, type History } from '#evidence/history'
import { promptsOf } from '#evidence/schedule'

/** Which tasks were kept from the broker, and until when. Pure. */

/** `conversationInOrder` holds a task in the outbox while an earlier one is open: no queue knows
 *  it. @returns by task, when the last earlier one ended; no entry = free at once. */
export function heldBackUntil(history: History): Map<string, number> {
  const until = new Map<string, number>()
  if (!eventsOf(history, 'setting').some(({ setting, seen }) => setting === 'conversationInOrder' && seen === 'true')) return until
  // An end that no inference shows: the apology.
  const shown = new Map(eventsOf(history, 'shown').flatMap(({ task, atMs }) => (task === undefined ? [] : [[task, atMs] as const])))
  const ends = new Map(promptsOf(history, { all: true }).map(({ task, endedMs }) => [task, endedMs]))
  for (const own of Map.groupBy(eventsOf(history, 'stored'), event => event.conversation).values()) {
    let earlierMs: number | undefined
    for (const { task } of own.toSorted((a, b) => a.seq - b.seq)) {
      if (task === undefined) continue
      if (earlierMs !== undefined) until.set(task, earlierMs)
      earlierMs = Math.max(earlierMs ?? Number.NEGATIVE_INFINITY, ends.get(task) ?? shown.get(task) ?? Number.POSITIVE_INFINITY)
    }
  }
  return until
}
