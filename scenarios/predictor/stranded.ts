import type { ModelTask, ModelWorker, Schedule } from './model.ts'

/** Percent of what the GPUs could have done between the first publish and the last end. */
export interface Stranded {
  /** A slot was idle while a task sat in another worker's buffer. */
  hoarding: number
  /** A slot was idle while the task that it would run was still in the broker or on its way. */
  roundTrip: number
}

interface Edge {
  atMs: number
  worker: number
  ready: number
  coming: number
  buffered: number
  running: number
}

/** Work that idle GPUs could have done while tasks waited. A diagnostic and never the objective: with unequal GPUs zero is not optimal.
 *
 *  At every instant each idle slot is set against one waiting task, fastest GPU first: against tasks on their way to this very worker and tasks
 *  still in the broker it counts as round trip, against the rest, which another worker holds, as hoarding. An idle slot is worth its worker's
 *  speed on these tasks (1 / mean service time), and nothing before its worker connected or where the prefetch is below the slots. */
export function strandedPercent(schedule: Schedule, tasks: readonly ModelTask[], workers: readonly ModelWorker[]): Stranded {
  if (schedule.length === 0) return { hoarding: 0, roundTrip: 0 }
  const places = workers.map((worker, index) => place(worker, index, tasks)).sort((a, b) => b.slotSpeed - a.slotSpeed)
  const byIndex = places.toSorted((a, b) => a.index - b.index)
  let [ready, hoarded, awaited, capacity] = [0, 0, 0, 0]
  let previousMs = schedule[0]!.publishedMs
  for (const edge of edgesOf(schedule, workers)) {
    const spanMs = edge.atMs - previousMs
    if (spanMs > 0) {
      const there = places.filter(p => p.connectedMs <= previousMs)
      const idle = there.map(p => Math.max(0, p.slots - p.running))
      const own = there.map((p, at) => Math.min(idle[at]!, p.coming))
      let held = places.reduce((sum, p) => sum + p.buffered + p.coming, 0) - own.reduce((sum, count) => sum + count, 0)
      let unsent = ready
      for (const [at, { slotSpeed, slots }] of there.entries()) {
        const fromBroker = Math.min(idle[at]! - own[at]!, unsent)
        const fromOthers = Math.min(idle[at]! - own[at]! - fromBroker, held)
        unsent -= fromBroker
        held -= fromOthers
        awaited += (own[at]! + fromBroker) * slotSpeed * spanMs
        hoarded += fromOthers * slotSpeed * spanMs
        capacity += slots * slotSpeed * spanMs
      }
      previousMs = edge.atMs
    }
    ready += edge.ready
    const worker = byIndex[edge.worker]!
    worker.coming += edge.coming
    worker.buffered += edge.buffered
    worker.running += edge.running
  }
  return capacity === 0 ? { hoarding: 0, roundTrip: 0 } : { hoarding: (100 * hoarded) / capacity, roundTrip: (100 * awaited) / capacity }
}

function place(worker: ModelWorker, index: number, tasks: readonly ModelTask[]) {
  const { slots = 1, batching = [1], prefetchTasks, connectedMs = Number.NEGATIVE_INFINITY } = worker
  const meanMs = tasks.reduce((sum, task) => sum + task.serviceMs[index]!, 0) / tasks.length
  const usable = prefetchTasks === 0 ? slots : Math.min(slots, prefetchTasks)
  const slotSpeed = (batching[usable - 1] ?? batching.at(-1)!) / usable / meanMs
  return { index, slotSpeed, slots: usable, connectedMs, coming: 0, buffered: 0, running: 0 }
}

function edgesOf(schedule: Schedule, workers: readonly ModelWorker[]): Edge[] {
  const indexOf = new Map(workers.map(({ name }, index) => [name, index]))
  const none = { ready: 0, coming: 0, buffered: 0, running: 0 }
  const edges = schedule.flatMap<Edge>(p => {
    const worker = indexOf.get(p.worker)!
    return [
      { ...none, atMs: p.publishedMs, worker, ready: 1 },
      { ...none, atMs: p.sentMs, worker, ready: -1, coming: 1 },
      { ...none, atMs: p.deliveredMs, worker, coming: -1, buffered: 1 },
      { ...none, atMs: p.startedMs, worker, buffered: -1, running: 1 },
      { ...none, atMs: p.endedMs, worker, running: -1 },
    ]
  })
  // A connection within the window is an edge as well: capacity begins there.
  const endMs = schedule.reduce((latest, { endedMs }) => Math.max(latest, endedMs), 0)
  for (const [worker, { connectedMs = Number.NEGATIVE_INFINITY }] of workers.entries())
    if (connectedMs >= schedule[0]!.publishedMs && connectedMs <= endMs) edges.push({ ...none, atMs: connectedMs, worker })
  return edges.sort((a, b) => a.atMs - b.atMs)
}
