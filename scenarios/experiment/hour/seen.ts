import { eventsOf, type History } from '#evidence/history'
import type { Arm, Sample, TaskTimes } from './state.ts'

/** An arm's history so far on the hour's clock. Pure. */

export interface HourClock {
  hourMs: number
  /** Milliseconds of the hour in one of the machine. */
  timeScale: number
  /** When the first question was to be asked. Milliseconds of the hour. */
  firstMs: number
}

/** The questions of the hour are those that were sent at a time; undefined before the first one.
 *  @param queue its ready messages are what the broker's dashboard shows */
export function armSeen(history: History, title: string, gpus: readonly string[], queue: string, clock: HourClock): Arm | undefined {
  const sends = eventsOf(history, 'send').filter(({ dueMs }) => dueMs !== undefined)
  const firstDueMs = sends[0]?.dueMs
  if (firstDueMs === undefined) return undefined
  const { hourMs, timeScale, firstMs } = clock
  const onHour = (atMs: number) => firstMs + (atMs - firstDueMs) * timeScale
  /** Nothing is seen after the end. */
  const within = (atMs: number | undefined) => (atMs !== undefined && onHour(atMs) <= hourMs ? onHour(atMs) : undefined)
  const taskOf = new Map(eventsOf(history, 'stored').map(({ clientMessageId, task }) => [clientMessageId, task]))
  const runsOf = Map.groupBy(eventsOf(history, 'inference'), ({ task }) => task)
  const workers = history.workers.map(({ name }) => name)
  const tasks = sends.map((send): TaskTimes => {
    const runs = runsOf.get(taskOf.get(send.clientMessageId) ?? '')?.filter(({ startedAtMs }) => within(startedAtMs) !== undefined) ?? []
    const [first, last] = [runs[0], runs.at(-1)]
    const arrivedAtMs = onHour(send.atMs)
    if (first === undefined || last === undefined) return { arrivedAtMs }
    return {
      arrivedAtMs,
      gpu: workers.indexOf(last.worker),
      startedAtMs: within(first.startedAtMs),
      ...(first.heldMs === undefined ? {} : { deliveredAtMs: onHour(first.atMs - first.heldMs) }),
      ...(within(last.endedAtMs) === undefined ? {} : { endedAtMs: within(last.endedAtMs) }),
    }
  })
  return { title, gpus, tasks, samples: samplesOf(history, workers, queue).flatMap(each => sampled(each, within(each.atMs))) }
}

const sampled = (sample: Sample, atMs: number | undefined) => (atMs === undefined || atMs < 0 ? [] : [{ ...sample, atMs }])

/** What the lab said, look by look: what each worker holds, then the queue. */
function samplesOf(history: History, workers: readonly string[], queue: string): Sample[] {
  const holds = workers.map(() => 0)
  return history.events.flatMap((event): Sample[] => {
    if (event.kind === 'held') holds[workers.indexOf(event.worker)] = event.held - event.running
    return event.kind === 'queue' && event.queue === queue ? [{ atMs: event.atMs, ready: event.ready, holds: [...holds] }] : []
  })
}
