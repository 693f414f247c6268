import { type Failure, kindOf } from './failures.ts'

/** Whether a worker takes tasks: a pure state machine, carried out by `duty.ts`. */
export interface ServiceState {
  /** `serving`: up to the prefetch. `away`: none. `trial`: one at a time until one is answered. */
  mode: 'serving' | 'away' | 'trial'
  /** Why it left; absent while serving. */
  reason?: Failure
  /** Pauses since the last answer; each is twice as long as the one before. */
  pauses: number
  /** Different tasks that failed since the last answer, each followed by a good probe. */
  suspects: readonly string[]
  /** Tasks that met the server's fault here, once for each time. */
  freed: readonly string[]
  /** Excused once, since the server failed others too; twice, poisons would circle. */
  excused: readonly string[]
}

export const SERVING: ServiceState = { mode: 'serving', pauses: 0, suspects: [], freed: [], excused: [] }

/** This many different tasks in a row are not all poison: it is the server. */
export const SUSPECTS_MAX = 3
/** So often the server's fault costs a task nothing while others run beside it. */
export const FREED_TIMES_MAX = 5
/** Tasks of each kind to remember. */
const REMEMBERED_MAX = 100
/** The first pause. Milliseconds. */
export const PAUSE_MS = 500

export type Happened =
  | { what: 'answered' }
  /** @property probe what one token asked right afterwards showed; absent where none was needed.
   *  @property last no attempt is left: if this one counts, the task is over. */
  | { what: 'failed'; task: string; failure: Failure; probe?: 'answers' | Failure; last?: boolean }
  /** At the end of a pause. */
  | { what: 'probed'; probe: 'answers' | Failure }

export interface Follows {
  state: ServiceState
  /** The failed task. `free`: requeue uncounted. `counted`: requeue if attempts are left. */
  task?: 'free' | 'counted' | 'end' | 'drop'
  /** Tasks of earlier failures that get their attempt back. */
  refund: readonly string[]
}

export function next(state: ServiceState, happened: Happened): Follows {
  if (happened.what === 'answered') return { state: answered(state), refund: [] }
  // Another failure has begun a pause of its own meanwhile.
  if (happened.what === 'probed' && state.mode !== 'away') return { state, refund: [] }
  if (happened.what === 'probed')
    return { state: happened.probe === 'answers' ? { ...state, mode: 'trial' } : leave(state, happened.probe, 'again'), refund: [] }
  const { task, failure, probe, last } = happened
  const { fault, final } = kindOf(failure)
  if (failure.code === 'cancelled') return { state, task: 'drop', refund: [] }
  if (fault === 'nobody') return { state, task: 'free', refund: [] }
  if (fault !== 'task') return serversFault(state, task, failure)
  if (probe !== undefined && probe !== 'answers') return serversFault(state, task, probe)
  if (final === true) return { state: probe === undefined ? answered(state) : state, task: 'end', refund: [] }
  if (probe === undefined) return { state: answered(state), task: 'counted', refund: [] }
  return suspected(state, task, failure, last === true)
}

/** Free the first time. A task that fails again counts, at once in a trial: it may take its server
 *  down. Not if it never reached the server, or the server was busy. */
function serversFault(state: ServiceState, task: string, reason: Failure): Follows {
  const before = state.freed.filter(freed => freed === task).length
  const after = leave({ ...state, freed: remembered(state.freed, task) }, reason)
  const again = before >= (state.mode === 'trial' ? 1 : FREED_TIMES_MAX)
  const counts = again && reason.code !== 'unreachable' && reason.code !== 'busy'
  return { state: after, task: counts ? 'counted' : 'free', refund: [] }
}

/** The server answers probes, yet a task fails. The worker pauses so that another gets the task. A
 *  task that failed here before counts, or a poison would circle forever. */
function suspected(state: ServiceState, task: string, failure: Failure, last: boolean): Follows {
  const known = state.suspects.includes(task) || state.excused.includes(task)
  const suspects = known ? state.suspects : remembered(state.suspects, task)
  const counts = known || suspects.length < SUSPECTS_MAX
  // Its attempts are used up: no other worker will get it, so nothing is gained by a pause.
  if (counts && last) return { state: { ...state, suspects }, task: 'counted', refund: [] }
  // One poison that comes again says nothing new of the server: the pause stays as short as it was.
  const after = leave(
    { ...state, suspects, pauses: known && state.mode !== 'away' ? Math.max(0, state.pauses - 1) : state.pauses },
    failure,
  )
  if (counts) return { state: after, task: 'counted', refund: [] }
  const refund = suspects.length === SUSPECTS_MAX ? state.suspects : []
  return { state: { ...after, excused: remembered(state.excused, ...refund, task) }, task: 'free', refund }
}

function remembered(tasks: readonly string[], ...more: string[]): string[] {
  return [...tasks, ...more].slice(-REMEMBERED_MAX)
}

/** While away an answer that was still under way changes nothing: the pause ends with a probe. */
function answered(state: ServiceState): ServiceState {
  return state.mode === 'away' ? { ...state, suspects: [] } : { ...SERVING, freed: state.freed, excused: state.excused }
}

/** @param again the pause is over, and the server did not recover. */
function leave(state: ServiceState, reason: Failure, again?: 'again'): ServiceState {
  // Several tasks may fail at once when a server goes: that is one pause.
  if (state.mode === 'away' && again === undefined) return state
  return { ...state, mode: 'away', reason, pauses: state.pauses + 1 }
}

/** How long the pause is: as long as the server asked for, else longer each time. Milliseconds. */
export function pauseMs({ pauses, reason }: ServiceState, longestMs: number): number {
  if (reason?.retryAfterMs !== undefined) return Math.max(PAUSE_MS, reason.retryAfterMs)
  return Math.min(longestMs, PAUSE_MS * 2 ** (pauses - 1))
}
