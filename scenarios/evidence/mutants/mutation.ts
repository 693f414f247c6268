import { draw } from '#contracts/gpu-timing'
import type { EventOf, History, HistoryEvent } from '../history.ts'

/** One way of breaking a valid history, and the check that must notice. */
export interface Mutation {
  name: string
  caughtBy: string
  /** The broken events, or null where this history offers nothing to break so. */
  mutate(history: History, seed: number): HistoryEvent[] | null
}

type Kind = HistoryEvent['kind']

/** The event that a mutation begins with. */
export interface At<K extends Kind> {
  event: EventOf<K>
  index: number
  history: History
  seed: number
}

type Change<K extends Kind> = (at: At<K>) => HistoryEvent[] | null

export const is =
  <K extends Kind>(kind: K) =>
  (event: HistoryEvent): event is EventOf<K> =>
    event.kind === kind

/** Breaks one of the events that fit, drawn by the seed. */
export function mutant<K extends Kind>(
  name: string,
  caughtBy: string,
  kind: K,
  change: Change<K>,
  fits: (event: EventOf<K>, history: History) => boolean = () => true,
): Mutation {
  const mutate: Mutation['mutate'] = (history, seed) => {
    const isKind = is(kind)
    const found = history.events.flatMap((event, index) => (isKind(event) && fits(event, history) ? [{ event, index }] : []))
    const at = found[Math.floor(draw(seed, 'choose', 'mutant') * found.length)]
    return at === undefined ? null : change({ ...at, history, seed })
  }
  return { name, caughtBy, mutate }
}

type More<K extends Kind> = (event: EventOf<K>, seed: number) => Partial<EventOf<K>>

export const dropped = ({ history, index }: Pick<At<Kind>, 'history' | 'index'>) => history.events.filter((_, i) => i !== index)

export const changed =
  <K extends Kind>(more: More<K>): Change<K> =>
  ({ history, index, event, seed }) =>
    history.events.with(index, { ...event, ...more(event, seed) })

/** Another one right after it. */
export const added =
  <K extends Kind>(more: More<K> = () => ({})): Change<K> =>
  ({ history, index, event, seed }) =>
    history.events.toSpliced(index + 1, 0, { ...event, ...more(event, seed) })

/** It and another one change places; null where there is none. */
export function swapped<K extends Kind>({ history, index, event }: At<K>, other: (event: HistoryEvent) => boolean): HistoryEvent[] | null {
  const next = history.events.findIndex(other)
  const later = history.events[next]
  return later === undefined ? null : history.events.with(index, later).with(next, event)
}

/** Without those that are lost with it. */
export const lostWith =
  <K extends Kind>(isLost: (event: HistoryEvent, at: EventOf<K>) => boolean): Change<K> =>
  ({ history, event }) =>
    history.events.filter(other => !isLost(other, event))

export const plain = (event: EventOf<'shown'>) => event.task === undefined
export const answer = (event: EventOf<'shown'>) => event.task !== undefined
