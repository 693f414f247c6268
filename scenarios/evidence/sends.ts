import { type EventOf, eventsOf, type History, sendKey } from './history.ts'
import { quantile } from './statistics.ts'

/** How long senders waited for a word. Pure. */

type Word = EventOf<'stored' | 'refused' | 'unknown' | 'retried'>

export interface Answered {
  send: EventOf<'send'>
  /** Its first word of any kind, and its outcome. Milliseconds from the intended send. */
  toldMs: number
  outcomeMs: number
  outcome: Word
}

/** Sends of the measured part that have an outcome. */
export function answeredSends(history: History): Answered[] {
  const fromMs = eventsOf(history, 'measured').at(-1)?.atMs ?? Number.NEGATIVE_INFINITY
  const words = new Map<string, Word[]>()
  for (const event of history.events) {
    if (event.kind !== 'stored' && event.kind !== 'refused' && event.kind !== 'unknown' && event.kind !== 'retried') continue
    const key = sendKey(event.user, event.clientMessageId)
    const known = words.get(key)
    if (known === undefined) words.set(key, [event])
    else known.push(event)
  }
  return eventsOf(history, 'send').flatMap(send => {
    const [first, ...rest] = words.get(sendKey(send.user, send.clientMessageId)) ?? []
    const outcome = rest.at(-1) ?? first
    if (send.atMs < fromMs || first === undefined || outcome === undefined || outcome.kind === 'retried') return []
    const askedMs = send.dueMs ?? send.atMs
    return [{ send, outcome, toldMs: first.atMs - askedMs, outcomeMs: outcome.atMs - askedMs }]
  })
}

/** What was sent and shown, and the pauses' distribution: percentiles of all sends, the longest. */
export function sendMeasures(history: History): Record<string, number> {
  const counted = { sends: eventsOf(history, 'send').length, shown: eventsOf(history, 'shown').length }
  const answered = answeredSends(history)
  if (answered.length === 0) return counted
  const outcomes = answered.map(({ outcomeMs }) => outcomeMs)
  return {
    ...counted,
    untilStoredP50Ms: quantile(outcomes, 0.5),
    untilStoredP95Ms: quantile(outcomes, 0.95),
    untilStoredP99Ms: quantile(outcomes, 0.99),
    untilStoredMaxMs: quantile(outcomes, 1),
    untilToldMaxMs: quantile(
      answered.map(({ toldMs }) => toldMs),
      1,
    ),
  }
}
