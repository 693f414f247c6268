import { type EventOf, eventsOf, type History } from '#evidence/history'
import { promptsOf } from '#evidence/schedule'

/** Which tasks were kept from the broker, and until when. Pure. */

/** A task is held in the outbox while as many earlier ones of its conversation are open as may be
 *  at once: no queue knows it. @returns by task, when it came free; no entry = free at once. */
export function heldBackUntil(history: History): Map<string, number> {
  const until = new Map<string, number>()
  const atOnce = Math.max(0, ...eventsOf(history, 'setting').map(atOnceBy))
  if (atOnce === 0) return until
  // An end that no inference shows: the apology.
  const shown = new Map(eventsOf(history, 'shown').flatMap(({ task, atMs }) => (task === undefined ? [] : [[task, atMs] as const])))
  const ends = new Map(promptsOf(history, { all: true }).map(({ task, endedMs }) => [task, endedMs]))
  for (const own of Map.groupBy(eventsOf(history, 'stored'), event => event.conversation).values()) {
    const endedMs: number[] = []
    for (const { task } of own.toSorted((a, b) => a.seq - b.seq)) {
      if (task === undefined) continue
      // Free when all but `atOnce` of the earlier ones had ended.
      if (endedMs.length >= atOnce) until.set(task, endedMs.toSorted((a, b) => a - b)[endedMs.length - atOnce]!)
      endedMs.push(ends.get(task) ?? shown.get(task) ?? Number.POSITIVE_INFINITY)
    }
  }
  return until
}

/** How many tasks of a user this setting lets be with the workers; 0 = it says nothing of that. */
function atOnceBy({ setting, seen }: EventOf<'setting'>): number {
  if (setting === 'conversationInOrder') return seen === 'true' ? 1 : 0
  return setting === 'userTasksAtOnce' ? Number(seen) : 0
}
