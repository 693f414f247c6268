import type { EventOf, History } from '../history.ts'
import { answer, choose, inserted, is, type Mutation, replaced, without } from './mutation.ts'

/** Whether another device showed this answer too. */
const shownBeside = (history: History, { task, device }: EventOf<'shown'>) =>
  history.events.some(e => e.kind === 'shown' && e.task === task && e.device !== device)

/** Faults in a prompt's end. */
export const BOT_MUTATIONS: readonly Mutation[] = [
  {
    name: 'two answers to one task',
    caughtBy: 'answered-once',
    mutate(history, seed) {
      const at = choose(history, seed, is('shown'), answer)
      return at && inserted(history, at.index + 1, { ...at.event, clientMessageId: `again-${seed}`, seq: at.event.seq + 1 })
    },
  },
  {
    name: 'an answer that one of two devices never showed',
    caughtBy: 'all-answered',
    mutate(history, seed) {
      const at = choose(history, seed, is('shown'), e => answer(e) && e.answered === true && shownBeside(history, e))
      return at && without(history, at.index)
    },
  },
  {
    name: 'an apology that one of two devices never showed',
    caughtBy: 'poison-ends',
    mutate(history, seed) {
      const at = choose(history, seed, is('shown'), e => answer(e) && e.answered === false && shownBeside(history, e))
      return at && without(history, at.index)
    },
  },
  {
    name: 'an answer shown to a stranger, where no store of tasks tells whose it was',
    caughtBy: 'wrong-addressee',
    mutate(history, seed) {
      const at = choose(history, seed, is('shown'), answer)
      const stranger = at && history.events.find(e => e.kind === 'online' && e.user !== at.event.user)
      if (at === null || stranger?.kind !== 'online') return null
      const seen = replaced(history, at.index, { ...at.event, user: stranger.user, device: stranger.device })
      return seen.filter(e => e.kind !== 'task-row')
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
    name: 'two dead letters of one task',
    caughtBy: 'task-conservation',
    mutate(history, seed) {
      const at = choose(history, seed, is('dead'))
      return at && inserted(history, at.index, at.event)
    },
  },
  {
    name: 'a task given up before its attempts were used up',
    caughtBy: 'task-conservation',
    mutate(history, seed) {
      const at = choose(history, seed, is('task-row'), row => row.state === 'failed')
      return at && replaced(history, at.index, { ...at.event, attempts: at.event.attempts - 1 })
    },
  },
  {
    name: 'a queued task that lies in no queue',
    caughtBy: 'task-conservation',
    mutate(history, seed) {
      const at = choose(history, seed, is('task-row'), row => row.state === 'answered')
      if (at === null) return null
      const queued = replaced(history, at.index, { ...at.event, state: 'queued' })
      return queued.filter(e => !(e.kind === 'shown' && e.task === at.event.task))
    },
  },
  {
    name: 'an end of a task that one of two devices never showed',
    caughtBy: 'task-conservation',
    mutate(history, seed) {
      const at = choose(history, seed, is('shown'), e => answer(e) && shownBeside(history, e))
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
        e => e.outcome === 'done' && last !== undefined && e.task !== last.task && (last.startedAtMs ?? 0) > (e.startedAtMs ?? 0),
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
  {
    name: 'one inference more than anybody may cost',
    caughtBy: 'bounds',
    mutate(history, seed) {
      const at = choose(history, seed, is('inference'))
      return at && [...history.events, ...[4, 5, 6].map(attempt => ({ ...at.event, attempt, atMs: 2e6 + attempt }))]
    },
  },
  {
    name: 'a poison that is answered',
    caughtBy: 'poison-ends',
    mutate(history, seed) {
      const poison = choose(history, seed, is('marked'))
      if (poison === null) return null
      return history.events.map(e => (e.kind === 'shown' && e.task === poison.event.task ? { ...e, answered: true } : e))
    },
  },
  {
    name: 'a poison that is given up too early',
    caughtBy: 'poison-ends',
    mutate(history, seed) {
      const poison = choose(history, seed, is('marked'))
      return poison && history.events.filter(e => !(e.kind === 'inference' && e.task === poison.event.task && e.attempt === 3))
    },
  },
  {
    name: 'the answers to two questions of one conversation pass each other',
    caughtBy: 'answers-in-order',
    mutate(history, seed) {
      const later = (event: EventOf<'shown'>) =>
        history.events.findIndex(
          e => e.kind === 'shown' && e.device === event.device && e.task !== undefined && e.task !== event.task && e.atMs > event.atMs,
        )
      const at = choose(history, seed, is('shown'), e => answer(e) && later(e) >= 0)
      if (at === null) return null
      const next = later(at.event)
      const other = history.events[next]
      return other === undefined ? null : history.events.map((e, i) => (i === at.index ? other : i === next ? at.event : e))
    },
  },
]
