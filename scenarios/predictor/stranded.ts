import { type ModelTask, type ModelWorker, type Placement, type Schedule, speedOf, streamsOf } from './model.ts'

/** Percent of what the GPUs could have done between the first publish and the last end. */
export interface Stranded {
  /** A slot was idle while a task sat in another worker's buffer. */
  hoarding: number
  /** A slot was idle while the task that it would run was still in the broker or on its way. */
  roundTrip: number
}

/** Work that idle GPUs could have done while tasks waited: a diagnostic, as with unequal GPUs zero
 *  is not optimal. Each idle slot, fastest first, meets a waiting task: on its way here or in the
 *  broker it is round trip, held by another worker it is hoarding. A slot weighs 1 / its mean
 *  service time, nothing before its connect or where prefetch < slots. */
export function strandedPercent(schedule: Schedule, tasks: readonly ModelTask[], workers: readonly ModelWorker[]): Stranded {
  const places = workers.map((worker, index) => place(worker, index, tasks)).sort((a, b) => b.slotSpeed - a.slotSpeed)
  const placeOf = new Map(places.map(p => [p.name, p]))
  const total = { hoarding: 0, roundTrip: 0, capacity: 0 }
  let ready = 0
  let previousMs = schedule[0]?.publishedMs ?? 0
  const until = (atMs: number) => {
    if (atMs > previousMs) addSpan(total, places, ready, previousMs, atMs)
    previousMs = Math.max(previousMs, atMs)
  }
  for (const { atMs, step, placement } of stepsOf(schedule, workers)) {
    until(atMs)
    const p = placement === undefined ? undefined : placeOf.get(placement.worker)
    if (p === undefined) continue
    if (step === 'publishedMs') ready++
    else if (step === 'sentMs') [ready, p.coming] = [ready - 1, p.coming + 1]
    else if (step === 'deliveredMs') [p.coming, p.buffered] = [p.coming - 1, p.buffered + 1]
    else if (step === 'startedMs') [p.buffered, p.running] = [p.buffered - 1, p.running + 1]
    else p.running--
  }
  const percent = (work: number) => (total.capacity === 0 ? 0 : (100 * work) / total.capacity)
  return { hoarding: percent(total.hoarding), roundTrip: percent(total.roundTrip) }
}

type Place = ReturnType<typeof place>

function place(worker: ModelWorker, index: number, tasks: readonly ModelTask[]) {
  const { name, connectedMs = Number.NEGATIVE_INFINITY } = worker
  const meanMs = tasks.reduce((sum, task) => sum + task.serviceMs[index]!, 0) / tasks.length
  const slots = streamsOf(worker)
  return { name, slotSpeed: speedOf(worker, slots) / slots / meanMs, slots, connectedMs, coming: 0, buffered: 0, running: 0 }
}

/** Adds a span of time in which nothing changed. `places`: the fastest first. */
function addSpan(total: Stranded & { capacity: number }, places: readonly Place[], ready: number, fromMs: number, toMs: number): void {
  const idle = (p: Place) => (p.connectedMs <= fromMs ? Math.max(0, p.slots - p.running) : 0)
  let unsent = ready
  let held = 0
  for (const p of places) held += p.buffered + p.coming - Math.min(idle(p), p.coming)
  for (const p of places) {
    if (p.connectedMs > fromMs) continue
    const own = Math.min(idle(p), p.coming)
    const fromBroker = Math.min(idle(p) - own, unsent)
    const fromOthers = Math.min(idle(p) - own - fromBroker, held)
    unsent -= fromBroker
    held -= fromOthers
    const slotWork = p.slotSpeed * (toMs - fromMs)
    total.roundTrip += (own + fromBroker) * slotWork
    total.hoarding += fromOthers * slotWork
    total.capacity += p.slots * slotWork
  }
}

const STEPS = ['publishedMs', 'sentMs', 'deliveredMs', 'startedMs', 'endedMs'] as const

interface Step {
  atMs: number
  /** Without placement: a worker connected, capacity begins there. */
  step: (typeof STEPS)[number]
  placement: Placement | undefined
}

/** Each step in time order: five sorted lists merged (one list takes several times the memory). */
function* stepsOf(schedule: Schedule, workers: readonly ModelWorker[]): Generator<Step> {
  const lists = STEPS.map(step => ({ step, at: 0, sorted: schedule.toSorted((a, b) => a[step] - b[step]) }))
  const connects = workers.map(({ connectedMs = Number.NEGATIVE_INFINITY }) => connectedMs).sort((a, b) => a - b)
  for (;;) {
    let next: Step | undefined
    let from: (typeof lists)[number] | undefined
    for (const list of lists) {
      const placement = list.sorted[list.at]
      if (placement === undefined || (next !== undefined && placement[list.step] >= next.atMs)) continue
      next = { atMs: placement[list.step], step: list.step, placement }
      from = list
    }
    if (next === undefined || from === undefined) return
    while (connects[0] !== undefined && connects[0] <= next.atMs) yield { ...next, atMs: connects.shift()!, placement: undefined }
    from.at++
    yield next
  }
}
