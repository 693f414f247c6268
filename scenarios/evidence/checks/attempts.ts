import type { BreachCode, Values } from '../finding.ts'
import { type EventOf, eventsOf, type History } from '../history.ts'
import { breach, check, type Found } from '../verdict.ts'
import { owedDevices } from './devices.ts'

/** Checks of what a task may cost, and how failing ones end. */

type Inference = EventOf<'inference'>

function inferencesByTask(history: History): Map<string, Inference[]> {
  return Map.groupBy(
    eventsOf(history, 'inference').filter(event => event.task !== ''),
    event => event.task,
  )
}

const REFUNDS = 'plus one for each inference that was refunded'

/** Refunded are those that ended by the server's fault, or since their worker was stopped. */
export const attemptsBounded = check(
  'attempts-bounded',
  `A task is inferred as often as its attempts allow at most, ${REFUNDS}.`,
  history => {
    const byTask = inferencesByTask(history)
    if (history.attemptsMax === 0) return { judged: 0, of: 'tasks-with-an-allowance' }
    return { judged: byTask.size, of: 'inferred-tasks', breaches: beyond(history, byTask, history.attemptsMax) }
  },
)

/** Builds a check with an allowance of the scenario's own, for arms that count none. Refunded are
 *  inferences that ended by the server's fault, or since their worker was stopped.
 *  @param most inferences that a task may cost, refunds aside. */
export function bounds(most: number) {
  return check('bounds', `Inferences that a task costs: at most ${most}, ${REFUNDS}.`, history => {
    const byTask = inferencesByTask(history)
    return { judged: byTask.size, of: 'inferred-tasks', breaches: beyond(history, byTask, most) }
  })
}

/** An inference that the server broke off does not use up an attempt. */
function refundsByTask(history: History): Map<string, number> {
  return new Map(eventsOf(history, 'task-row').map(row => [row.task, row.refunded ?? 0]))
}

function beyond(history: History, byTask: Map<string, Inference[]>, most: number) {
  const refunds = refundsByTask(history)
  return [...byTask]
    .map(([task, list]) => ({ task, list, allowed: most + (refunds.get(task) ?? 0) }))
    .filter(({ list, allowed }) => list.length > allowed)
    .map(({ task, list, allowed }) => breach('too-many-inferences', { task, inferences: list.length, allowed }, ...list))
}

export const poisonEnds = check(
  'poison-ends',
  'A task that no model can answer uses up its attempts; then its asker sees one apology, and it is dead-lettered once.',
  history => {
    const byTask = inferencesByTask(history)
    const poison = eventsOf(history, 'marked').filter(event => event.as === 'poison')
    const prompts = new Map(eventsOf(history, 'stored').map(event => [event.task, event]))
    const owed = owedDevices(history)
    const refunds = refundsByTask(history)
    const breaches = poison.flatMap(event => {
      const { task } = event
      const attempts = byTask.get(task) ?? []
      const devices = Map.groupBy(
        eventsOf(history, 'shown').filter(shown => shown.task === task && shown.sender === history.robot),
        shown => shown.device,
      )
      const dead = eventsOf(history, 'dead').filter(letter => letter.task === task)
      const found: Found[] = []
      const broke = (code: BreachCode, values: Values) => found.push(breach(code, { task, ...values }, event, ...attempts.slice(0, 4)))
      const asked = prompts.get(task)
      const missed = asked === undefined ? [] : owed(asked.user, asked.atMs).filter(device => !devices.has(device))
      if (devices.size === 0 || missed.length > 0)
        broke('end-unseen', { state: 'poison', devices: devices.size === 0 ? (asked?.user ?? '') : missed.join(', ') })
      for (const [device, seen] of devices) {
        const apologies = seen.filter(shown => shown.answered === false).length
        if (seen.length !== 1 || apologies !== 1) broke('poison-seen', { device, answers: seen.length - apologies, apologies })
      }
      if (dead.length !== 1) broke('dead-often', { times: dead.length })
      const beyondAllowance = attempts.length - history.attemptsMax
      if (history.attemptsMax > 0 && (beyondAllowance < 0 || beyondAllowance > (refunds.get(task) ?? 0)))
        broke('too-many-inferences', { inferences: attempts.length, allowed: history.attemptsMax })
      return found
    })
    return { judged: poison.length, of: 'poison-tasks', breaches }
  },
  { needsRest: true },
)

/** A task whose first inference failed has a right to another one. */
export const inferredOnce = check(
  'inferred-once',
  'No task is inferred again while an inference of it runs or after one has answered it.',
  history => {
    const byTask = inferencesByTask(history)
    const twice = [...byTask].flatMap(([task, list]) => {
      const again = list.filter((run, i) => list.slice(0, i).some(earlier => inVainAfter(earlier, run)))
      const tookMs = again.reduce((sum, { startedAtMs = 0, endedAtMs = startedAtMs }) => sum + endedAtMs - startedAtMs, 0)
      return again.length === 0 ? [] : [{ list, tookMs, values: { task, inferences: list.length, tookMs } }]
    })
    const value = twice.reduce((sum, { tookMs }) => sum + tookMs, 0)
    return {
      judged: byTask.size,
      of: 'inferred-tasks',
      limit: { measure: 'spentTwiceMs', value, atMost: 0, witnesses: [] },
      breaches: twice.map(({ list, values }) => breach('inferred-again', values, ...list)),
    }
  },
)

/** Whether nobody needed a later inference of the same task. */
function inVainAfter(earlier: Inference, { startedAtMs }: Inference): boolean {
  if (startedAtMs === undefined || earlier.startedAtMs === undefined) return false
  return earlier.outcome === 'done' || startedAtMs < (earlier.endedAtMs ?? Number.POSITIVE_INFINITY)
}

/** Judges arms whose script kills a worker. @param withinMs after the kill. */
export function takenOver(withinMs: number) {
  return check(
    'taken-over',
    `A task whose worker is killed in mid-inference is begun by another worker within ${withinMs / 1_000} s.`,
    history => {
      const byTask = inferencesByTask(history)
      const kills = eventsOf(history, 'fault').filter(event => event.action === 'kill')
      const hit = kills.flatMap(kill =>
        eventsOf(history, 'inference')
          .filter(run => run.worker === kill.part && run.startedAtMs !== undefined && run.outcome === 'aborted')
          // The GPU sees the hang-up at the kill, the history records the verb a little later.
          .filter(run => Math.abs((run.endedAtMs ?? 0) - kill.atMs) < KILL_SEEN_WITHIN_MS)
          .map(run => ({ kill, run })),
      )
      const breaches = hit.flatMap(({ kill, run }) => {
        const next = (byTask.get(run.task) ?? []).find(other => other.atMs > run.atMs)
        const tookMs = (next?.startedAtMs ?? Number.POSITIVE_INFINITY) - (run.endedAtMs ?? 0)
        if (next !== undefined && next.worker !== kill.part && tookMs <= withinMs) return []
        const { task } = run
        return next === undefined
          ? [breach('not-taken-over', { task, part: kill.part }, run, kill)]
          : [breach('taken-over-late', { task, part: kill.part, worker: next.worker, tookMs }, run, kill, next)]
      })
      return { judged: hit.length, of: 'tasks-cut-off-by-a-kill', breaches }
    },
    { needsRest: true, timed: true },
  )
}

const KILL_SEEN_WITHIN_MS = 1_000
