import { type EventOf, eventsOf } from '../history.ts'
import { breach, check, unrest } from '../verdict.ts'

/** Checks of what workers hold and run, and of the order in which tasks begin. */

export const slots = check('slots', 'No worker runs more inferences at an instant than its slots.', history => {
  const running = eventsOf(history, 'inference').filter(event => event.startedAtMs !== undefined)
  const breaches = []
  for (const worker of history.workers) {
    const own = running.filter(event => event.worker === worker.name)
    // Ends sort before starts: a slot freed and taken at one instant is one slot.
    const edges = own
      .flatMap(event => [
        { atMs: event.startedAtMs ?? 0, step: 1, event },
        { atMs: event.endedAtMs ?? Number.POSITIVE_INFINITY, step: -1, event },
      ])
      .sort((a, b) => a.atMs - b.atMs || a.step - b.step)
    let now = 0
    for (const edge of edges) {
      now += edge.step
      if (now > worker.slots) {
        const values = { worker: worker.name, running: now, atMs: edge.atMs, allowed: worker.slots }
        breaches.push(breach('slots-exceeded', values, edge.event))
        break
      }
    }
  }
  return { judged: running.length, of: 'inferences-begun', breaches }
})

export const prefetch = check('prefetch', 'No worker holds more unsettled tasks than its prefetch.', history => {
  const samples = eventsOf(history, 'held')
  const limits = new Map(history.workers.map(worker => [worker.name, worker.prefetchTasks]))
  const breaches = samples
    .filter(sample => {
      const limit = limits.get(sample.worker)
      return limit !== undefined && limit > 0 && sample.held > limit
    })
    .map(sample => {
      const { worker, held } = sample
      return breach('prefetch-exceeded', { worker, held, prefetchTasks: limits.get(worker) ?? 0 }, sample)
    })
  return { judged: samples.length, of: 'samples', breaches }
})

/** Builds a check that tasks begin in the order in which their prompts were stored.
 *  @param toleranceMs a task may begin this much before an older one: one gap. */
export function startedInOrder(toleranceMs: number) {
  return check(
    'started-in-order',
    `First inferences begin in the order of asking, within ${toleranceMs} ms.`,
    history => {
      const ordOf = new Map(eventsOf(history, 'task-row').map(row => [row.task, row.ord ?? 0]))
      const asked = new Map(eventsOf(history, 'stored').flatMap(event => (event.task === undefined ? [] : [[event.task, event] as const])))
      const first = new Map<string, EventOf<'inference'>>()
      for (const event of eventsOf(history, 'inference')) {
        const known = first.get(event.task)
        if (event.startedAtMs !== undefined && (known?.startedAtMs === undefined || event.startedAtMs < known.startedAtMs))
          first.set(event.task, event)
      }
      const began = [...first.values()]
        .filter(event => asked.has(event.task))
        .sort(
          (a, b) => (ordOf.get(a.task) ?? 0) - (ordOf.get(b.task) ?? 0) || (asked.get(a.task)?.atMs ?? 0) - (asked.get(b.task)?.atMs ?? 0),
        )
      const breaches = []
      let latest: EventOf<'inference'> | undefined
      for (const event of began) {
        if (latest !== undefined && (event.startedAtMs ?? 0) < (latest.startedAtMs ?? 0) - toleranceMs) {
          const beforeMs = (latest.startedAtMs ?? 0) - (event.startedAtMs ?? 0)
          breaches.push(breach('began-early', { task: event.task, older: latest.task, beforeMs }, latest, event))
        }
        if (latest === undefined || (event.startedAtMs ?? 0) > (latest.startedAtMs ?? 0)) latest = event
      }
      return { judged: began.length, of: 'tasks-begun', breaches }
    },
    { timed: true },
  )
}

/** Builds a check that the arm ended with an empty queue. */
export const drainedEmpty = check('drained-empty', 'At the end nothing waits, nothing is held and nothing runs.', history => {
  const rest = eventsOf(history, 'rest').at(-1)
  const last = new Map(eventsOf(history, 'queue').map(event => [event.queue, event]))
  const open = eventsOf(history, 'task-row').filter(row => row.state === 'queued' || row.state === 'running')
  const breaches = [
    ...[...last.values()]
      .filter(event => event.ready > 0)
      .map(event => breach('still-ready', { queue: event.queue, ready: event.ready }, event)),
    ...open.map(row => breach('still-open', { task: row.task, state: row.state }, row)),
  ]
  // A deadline that ran out is never the reason for a failure: without rest this check cannot tell.
  if (rest !== undefined && rest.ended !== 'rest') return { judged: last.size, of: 'queues', unsure: unrest(history) }
  return { judged: rest === undefined ? 0 : last.size + 1, of: 'queues', breaches }
})
