import { eventsOf, type History, type HistoryEvent } from '#evidence/history'
import type { LoadDocument } from '#evidence/load-document'

/** How long each message of the measured part took, from its intended send. Milliseconds. */
export interface Ways {
  stored: number[]
  /** Until the first device of its addressee showed it. */
  delivered: number[]
  /** Until the asker saw the whole answer. */
  answered: number[]
}

/** Pure. */
export function waysOf(history: History): Ways {
  const fromMs = eventsOf(history, 'measured').at(-1)?.atMs ?? Number.NEGATIVE_INFINITY
  const measured = eventsOf(history, 'send').filter(({ atMs }) => atMs >= fromMs)
  const sends = new Map(
    measured.map(({ user, clientMessageId, to, dueMs, atMs }) => [`${user}:${clientMessageId}`, { to, sentMs: dueMs ?? atMs }]),
  )
  const ways: Ways = { stored: [], delivered: [], answered: [] }
  const tasks = new Map<string, number>()
  for (const { user, clientMessageId, task, atMs } of eventsOf(history, 'stored')) {
    const send = sends.get(`${user}:${clientMessageId}`)
    if (send === undefined) continue
    ways.stored.push(atMs - send.sentMs)
    if (task !== undefined) tasks.set(task, send.sentMs)
  }
  for (const { user, sender, clientMessageId, task = '', answered, atMs } of eventsOf(history, 'shown')) {
    const key = `${sender}:${clientMessageId}`
    const send = sends.get(key)
    if (send?.to === user && user !== history.robot) {
      sends.delete(key)
      ways.delivered.push(atMs - send.sentMs)
    }
    const askedMs = tasks.get(task)
    if (answered !== true || askedMs === undefined) continue
    tasks.delete(task)
    ways.answered.push(atMs - askedMs)
  }
  return ways
}

/** Of a load test: messages and answers together. Empty where its engine kept no single events. */
export function loadWays({ facts }: Pick<LoadDocument, 'facts'>, events: readonly HistoryEvent[]): { seen: number[]; stored: number[] } {
  if (facts === null) return { seen: [], stored: [] }
  const { stored, delivered, answered } = waysOf({ ...facts, events })
  return { seen: [...delivered, ...answered], stored }
}
