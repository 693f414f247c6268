import { reason } from '../finding.ts'
import { type EventOf, eventsOf, type History } from '../history.ts'
import { breach, check } from '../verdict.ts'

/** Whether askers learn where their prompt stands while no worker runs. */

export const askerTold = check(
  'asker-told',
  'A prompt asked while no worker runs gets a notice: no worker is online, and how many tasks are ahead, stored earlier and not yet started.',
  history => {
    const told = Map.groupBy(eventsOf(history, 'waiting'), event => event.task)
    const places = placesOf(history)
    let [judged, unplaced] = [0, 0]
    const breaches = []
    for (const { prompt, untilMs } of askedAlone(history)) {
      judged += 1
      const [about, ...more] = (told.get(prompt.task ?? '') ?? []).filter(event => event.workersOnline === 0)
      if (about === undefined) {
        breaches.push(breach('not-told', { user: prompt.user, message: prompt.clientMessageId }, prompt))
        continue
      }
      // From the first start on the number falls while it is on its way.
      const placed = [about, ...more].flatMap(event => {
        const place = event.atMs < untilMs ? places.ahead(event) : undefined
        return place === undefined ? [] : [{ event, place }]
      })
      if (placed.length === 0) unplaced += 1
      for (const { event, place } of placed) {
        if (event.ahead >= place.least && event.ahead <= place.most) continue
        const { device, ahead } = event
        breaches.push(breach('told-wrongly', { device, ahead, message: prompt.clientMessageId, ...place }, prompt, event))
      }
    }
    const unsure = unplaced > 0 ? reason('places-unknown', { count: unplaced }) : undefined
    return { judged, of: 'prompts-asked-while-no-worker-ran', breaches, unsure }
  },
)

/** Prompts that were stored while no worker ran, with the time until which none began anything. */
function askedAlone(history: History): { prompt: EventOf<'stored'>; untilMs: number }[] {
  const workers = new Set(history.workers.map(worker => worker.name))
  const running = new Set(workers)
  const starts = eventsOf(history, 'inference').map(run => run.atMs)
  const alone = []
  for (const event of history.events) {
    if (event.kind === 'fault' && workers.has(event.part)) {
      if (event.action === 'stop' || event.action === 'kill') running.delete(event.part)
      else if (event.action === 'start') running.add(event.part)
    } else if (event.kind === 'stored' && event.task !== undefined && running.size === 0) {
      const untilMs = starts.reduce((least, atMs) => (atMs >= event.atMs && atMs < least ? atMs : least), Number.POSITIVE_INFINITY)
      alone.push({ prompt: event, untilMs })
    }
  }
  return alone
}

/** Tasks ahead when no worker runs. What is unknown of a task widens the bounds by one. */
function placesOf(history: History) {
  const rows = eventsOf(history, 'task-row').filter(row => row.ord !== undefined)
  const ordOf = new Map(rows.map(row => [row.task, row.ord ?? 0]))
  const sends = new Map(eventsOf(history, 'send').map(event => [event.clientMessageId, event.atMs]))
  const stored = eventsOf(history, 'stored')
  const storedMs = new Map(stored.map(event => [event.task, event.atMs]))
  const sentMs = new Map(stored.map(event => [event.task, sends.get(event.clientMessageId) ?? event.atMs]))
  const firstMs = new Map<string, number>()
  const endMs = new Map<string, number>()
  for (const { task, atMs } of eventsOf(history, 'inference')) firstMs.set(task, Math.min(atMs, firstMs.get(task) ?? atMs))
  for (const { task, sender, atMs } of eventsOf(history, 'shown'))
    if (task !== undefined && sender === history.robot) endMs.set(task, Math.min(atMs, endMs.get(task) ?? atMs))
  return {
    /** Undefined where the database says nothing of its order. */
    ahead({ task, atMs }: EventOf<'waiting'>): { least: number; most: number } | undefined {
      const own = ordOf.get(task)
      if (own === undefined) return undefined
      let [least, most] = [0, 0]
      for (const row of rows) {
        // Settled before this one was asked: not in the queue at any instant since.
        const settledMs = endMs.get(row.task) ?? Number.POSITIVE_INFINITY
        if ((row.ord ?? 0) >= own || settledMs < (sentMs.get(task) ?? 0)) continue
        most += 1
        // Asked in turn.
        const waits = (storedMs.get(row.task) ?? Number.POSITIVE_INFINITY) < (sentMs.get(task) ?? 0)
        const begun = (firstMs.get(row.task) ?? Number.POSITIVE_INFINITY) <= atMs
        if (waits && !begun && row.state !== 'cancelled') least += 1
      }
      return { least, most }
    },
  }
}
