import { draw } from '#contracts/gpu-timing'
import type { EventOf, History, HistoryEvent } from '../history.ts'

/** One way of breaking a valid history, and the check that must notice. */
export interface Mutation {
  name: string
  caughtBy: string
  /** The broken events, or null where this history offers nothing to break so. */
  mutate(history: History, seed: number): HistoryEvent[] | null
}

export const is =
  <K extends HistoryEvent['kind']>(kind: K) =>
  (event: HistoryEvent): event is EventOf<K> =>
    event.kind === kind

/** One of the events that fit, drawn by the seed; with its index. */
export function choose<E extends HistoryEvent>(
  history: History,
  seed: number,
  fits: (event: HistoryEvent) => event is E,
  also: (event: E) => boolean = () => true,
) {
  const found = history.events.flatMap((event, index) => (fits(event) && also(event) ? [{ event, index }] : []))
  return found[Math.floor(draw(seed, 'choose', 'mutant') * found.length)] ?? null
}

export const without = (history: History, index: number) => history.events.filter((_, i) => i !== index)
export const replaced = (history: History, index: number, event: HistoryEvent) =>
  history.events.map((old, i) => (i === index ? event : old))
export const inserted = (history: History, index: number, event: HistoryEvent) => [
  ...history.events.slice(0, index),
  event,
  ...history.events.slice(index),
]

export const plain = (event: EventOf<'shown'>) => event.task === undefined
export const answer = (event: EventOf<'shown'>) => event.task !== undefined
