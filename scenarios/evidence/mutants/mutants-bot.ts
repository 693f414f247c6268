import type { EventOf, History, HistoryEvent } from '../history.ts'
import { added, answer, changed, dropped, is, lostWith, type Mutation, mutant, swapped } from './mutation.ts'

/** Whether another device showed this end of a task too. */
const shownBeside = (end: EventOf<'shown'>, { events }: History) =>
  answer(end) && events.some(e => e.kind === 'shown' && e.task === end.task && e.device !== end.device)
const isShown = (event: HistoryEvent, { task }: { task?: string | undefined }) => event.kind === 'shown' && event.task === task

/** Later attempts of an inference, whose times lie beyond all others. */
const again = (attempts: readonly number[]) =>
  function more({ history, event }: { history: History; event: EventOf<'inference'> }) {
    const times = (attempt: number) => ({ atMs: 2e6 + attempt, startedAtMs: 2e6 + attempt * 100, endedAtMs: 2e6 + attempt * 100 + 20 })
    return [...history.events, ...attempts.map(attempt => ({ ...event, attempt, ...times(attempt) }))]
  }

/** The answer to a later question, on the same device. */
const laterAnswer = (event: EventOf<'shown'>) => (e: HistoryEvent) =>
  e.kind === 'shown' && e.device === event.device && e.task !== undefined && e.task !== event.task && e.atMs > event.atMs

/** Faults in a prompt's end. */
export const BOT_MUTATIONS: readonly Mutation[] = [
  mutant(
    'two answers to one task',
    'answered-once',
    'shown',
    added(({ seq }, seed) => ({ clientMessageId: `again-${seed}`, seq: seq + 1 })),
    answer,
  ),
  mutant(
    'an answer that one of two devices never showed',
    'all-answered',
    'shown',
    dropped,
    (e, history) => e.answered === true && shownBeside(e, history),
  ),
  mutant(
    'an apology that one of two devices never showed',
    'poison-ends',
    'shown',
    dropped,
    (e, history) => e.answered === false && shownBeside(e, history),
  ),
  mutant(
    'an answer shown to a stranger, where no store of tasks tells whose it was',
    'wrong-addressee',
    'shown',
    at => {
      const stranger = at.history.events.filter(is('online')).find(e => e.user !== at.event.user)
      if (stranger === undefined) return null
      const seen = at.history.events.with(at.index, { ...at.event, user: stranger.user, device: stranger.device })
      return seen.filter(e => e.kind !== 'task-row')
    },
    answer,
  ),
  mutant('an answer that nobody saw', 'task-conservation', 'shown', lostWith(isShown), answer),
  mutant('a prompt without a task row', 'task-conservation', 'task-row', dropped),
  mutant('a failed task missing from the dead-letter queue', 'task-conservation', 'dead', dropped),
  mutant('two dead letters of one task', 'task-conservation', 'dead', added()),
  mutant(
    'a task given up before its attempts were used up',
    'task-conservation',
    'task-row',
    changed(({ attempts }) => ({ attempts: attempts - 1 })),
    row => row.state === 'failed',
  ),
  mutant(
    'a queued task that lies in no queue',
    'task-conservation',
    'task-row',
    ({ history, index, event }) => history.events.with(index, { ...event, state: 'queued' }).filter(e => !isShown(e, event)),
    row => row.state === 'answered',
  ),
  mutant('an end of a task that one of two devices never showed', 'task-conservation', 'shown', dropped, shownBeside),
  mutant(
    'an apology in place of an answer',
    'all-answered',
    'shown',
    ({ history, event }) => history.events.map(e => (e.kind === 'shown' && e.task === event.task ? { ...e, answered: false } : e)),
    e => answer(e) && e.answered === true,
  ),
  mutant('a fourth inference of three allowed', 'attempts-bounded', 'inference', again([2, 3, 4])),
  mutant(
    'two inferences at once on one slot',
    'slots',
    'inference',
    added(({ startedAtMs = 0 }) => ({ attempt: 2, startedAtMs: startedAtMs + 1, endedAtMs: startedAtMs + 5 })),
  ),
  mutant(
    'a worker that holds more than its prefetch',
    'prefetch',
    'held',
    changed(() => ({ held: 2 })),
  ),
  mutant(
    'a younger task begins first',
    'started-in-order',
    'inference',
    changed(() => ({ startedAtMs: 1e7, endedAtMs: 1e7 + 20 })),
    (e, { events }) => {
      const last = events.findLast(is('inference'))
      return e.outcome === 'done' && last !== undefined && e.task !== last.task && (last.startedAtMs ?? 0) > (e.startedAtMs ?? 0)
    },
  ),
  mutant(
    'a task left in the queue',
    'drained-empty',
    'queue',
    changed(() => ({ ready: 1 })),
  ),
  mutant('another inference of a task that was answered', 'inferred-once', 'inference', again([2]), e => e.outcome === 'done'),
  mutant('one inference more than anybody may cost', 'bounds', 'inference', again([4, 5, 6])),
  mutant('a poison that is answered', 'poison-ends', 'marked', ({ history, event }) =>
    history.events.map(e => (e.kind === 'shown' && e.task === event.task ? { ...e, answered: true } : e)),
  ),
  mutant(
    'a poison that is given up too early',
    'poison-ends',
    'marked',
    lostWith((e, { task }) => e.kind === 'inference' && e.task === task && e.attempt === 3),
  ),
  mutant(
    'the answers to two questions of one conversation pass each other',
    'answers-in-order',
    'shown',
    at => swapped(at, laterAnswer(at.event)),
    (e, { events }) => answer(e) && events.some(laterAnswer(e)),
  ),
]
