import { draw } from '#contracts/gpu-timing'
import type { EventOf, History, HistoryEvent } from './history.ts'

/** One way of breaking a valid history, and the check that must notice. */
export interface Mutation {
  name: string
  caughtBy: string
  /** The broken events, or null where this history offers nothing to break so. */
  mutate(history: History, seed: number): HistoryEvent[] | null
}

const is =
  <K extends HistoryEvent['kind']>(kind: K) =>
  (event: HistoryEvent): event is EventOf<K> =>
    event.kind === kind

/** One of the events that fit, drawn by the seed; with its index. */
function choose<E extends HistoryEvent>(
  history: History,
  seed: number,
  fits: (event: HistoryEvent) => event is E,
  also: (event: E) => boolean = () => true,
) {
  const found = history.events.flatMap((event, index) => (fits(event) && also(event) ? [{ event, index }] : []))
  return found[Math.floor(draw(seed, 'choose', 'mutant') * found.length)] ?? null
}

const without = (history: History, index: number) => history.events.filter((_, i) => i !== index)
const replaced = (history: History, index: number, event: HistoryEvent) => history.events.map((old, i) => (i === index ? event : old))
const inserted = (history: History, index: number, event: HistoryEvent) => [
  ...history.events.slice(0, index),
  event,
  ...history.events.slice(index),
]

const plain = (event: EventOf<'shown'>) => event.task === undefined
const answer = (event: EventOf<'shown'>) => event.task !== undefined

export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'drop a shown message',
    caughtBy: 'lost',
    mutate(history, seed) {
      const at = choose(history, seed, is('shown'), plain)
      return at && without(history, at.index)
    },
  },
  {
    name: 'show a message twice',
    caughtBy: 'duplicate',
    mutate(history, seed) {
      const at = choose(history, seed, is('shown'), plain)
      return at && inserted(history, at.index + 1, at.event)
    },
  },
  {
    name: 'swap two neighbours of a view',
    caughtBy: 'order',
    mutate(history, seed) {
      const follows = (event: EventOf<'shown'>) =>
        history.events.some(
          e => e.kind === 'shown' && e.device === event.device && e.conversation === event.conversation && e.seq === event.seq + 1,
        )
      const at = choose(history, seed, is('shown'), follows)
      if (at === null) return null
      const { device, conversation, seq } = at.event
      const next = history.events.findIndex(
        e => e.kind === 'shown' && e.device === device && e.conversation === conversation && e.seq === seq + 1,
      )
      const later = history.events[next]
      return later === undefined ? null : history.events.map((e, i) => (i === at.index ? later : i === next ? at.event : e))
    },
  },
  {
    name: 'show a message to a stranger',
    caughtBy: 'wrong-addressee',
    mutate(history, seed) {
      const at = choose(history, seed, is('shown'))
      if (at === null) return null
      const stranger = history.events.find(
        e => e.kind === 'shown' && e.user !== at.event.user && e.user !== at.event.sender && e.user !== at.event.to,
      )
      return stranger?.kind === 'shown' ? replaced(history, at.index, { ...at.event, user: stranger.user, device: stranger.device }) : null
    },
  },
  {
    name: 'invent a message',
    caughtBy: 'phantom',
    mutate(history, seed) {
      const at = choose(history, seed, is('shown'), plain)
      return at && inserted(history, at.index, { ...at.event, clientMessageId: `invented-${seed}` })
    },
  },
  {
    name: 'cut the end off a view',
    caughtBy: 'lost',
    mutate(history, seed) {
      const at = choose(history, seed, is('shown'), plain)
      return at && history.events.filter((e, i) => !(i >= at.index && e.kind === 'shown' && e.device === at.event.device))
    },
  },
  {
    name: 'two answers to one task',
    caughtBy: 'answered-once',
    mutate(history, seed) {
      const at = choose(history, seed, is('shown'), answer)
      return at && inserted(history, at.index + 1, { ...at.event, clientMessageId: `again-${seed}`, seq: at.event.seq + 1 })
    },
  },
  {
    name: 'an answer that nobody saw',
    caughtBy: 'task-conservation',
    mutate(history, seed) {
      const at = choose(history, seed, is('shown'), answer)
      return at && history.events.filter(e => !(e.kind === 'shown' && e.task === at.event.task))
    },
  },
  {
    name: 'a prompt without a task row',
    caughtBy: 'task-conservation',
    mutate(history, seed) {
      const at = choose(history, seed, is('task-row'))
      return at && without(history, at.index)
    },
  },
  {
    name: 'a failed task missing from the dead-letter queue',
    caughtBy: 'task-conservation',
    mutate(history, seed) {
      const at = choose(history, seed, is('dead'))
      return at && without(history, at.index)
    },
  },
  {
    name: 'an apology in place of an answer',
    caughtBy: 'all-answered',
    mutate(history, seed) {
      const at = choose(history, seed, is('shown'), e => answer(e) && e.answered === true)
      return at && history.events.map(e => (e.kind === 'shown' && e.task === at.event.task ? { ...e, answered: false } : e))
    },
  },
  {
    name: 'two rows at one seq',
    caughtBy: 'sequence',
    mutate(history, seed) {
      const at = choose(history, seed, is('message-row'))
      return at && inserted(history, at.index, { ...at.event, clientMessageId: `other-${seed}` })
    },
  },
  {
    name: 'a hole in the stored sequence',
    caughtBy: 'sequence',
    mutate(history, seed) {
      const heads = new Map<string, number>()
      for (const e of history.events)
        if (e.kind === 'message-row') heads.set(e.conversation, Math.max(e.seq, heads.get(e.conversation) ?? 0))
      const at = choose(history, seed, is('message-row'), e => e.seq < (heads.get(e.conversation) ?? 0))
      return at && without(history, at.index)
    },
  },
  {
    name: 'a fourth inference of three allowed',
    caughtBy: 'attempts-bounded',
    mutate(history, seed) {
      const at = choose(history, seed, is('inference'))
      return (
        at && [
          ...history.events,
          ...[2, 3, 4].map(attempt => ({ ...at.event, attempt, startedAtMs: 2e6 + attempt * 100, endedAtMs: 2e6 + attempt * 100 + 20 })),
        ]
      )
    },
  },
  {
    name: 'two inferences at once on one slot',
    caughtBy: 'slots',
    mutate(history, seed) {
      const at = choose(history, seed, is('inference'))
      return (
        at &&
        inserted(history, at.index, {
          ...at.event,
          attempt: 2,
          startedAtMs: (at.event.startedAtMs ?? 0) + 1,
          endedAtMs: (at.event.startedAtMs ?? 0) + 5,
        })
      )
    },
  },
  {
    name: 'a worker that holds more than its prefetch',
    caughtBy: 'prefetch',
    mutate(history, seed) {
      const at = choose(history, seed, is('held'))
      return at && replaced(history, at.index, { ...at.event, held: 2 })
    },
  },
  {
    name: 'a younger task begins first',
    caughtBy: 'started-in-order',
    mutate(history, seed) {
      const inferences = history.events.filter(is('inference'))
      const last = inferences.at(-1)
      const at = choose(
        history,
        seed,
        is('inference'),
        e => last !== undefined && e.task !== last.task && (last.startedAtMs ?? 0) > (e.startedAtMs ?? 0),
      )
      return at && replaced(history, at.index, { ...at.event, startedAtMs: 1e7, endedAtMs: 1e7 + 20 })
    },
  },
  {
    name: 'a task left in the queue',
    caughtBy: 'drained-empty',
    mutate(history, seed) {
      const at = choose(history, seed, is('queue'))
      return at && replaced(history, at.index, { ...at.event, ready: 1 })
    },
  },
]
