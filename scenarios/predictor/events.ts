/** Order at one instant: a freed slot takes the publish; a connect finds tasks as its backlog. */
export const EVENT = { streamEnds: 0, slotFreed: 1, settled: 2, published: 3, connected: 4, delivered: 5, looked: 6 } as const
export type EventKind = (typeof EVENT)[keyof typeof EVENT]

export interface ModelEvent {
  atNs: number
  kind: EventKind
  worker: number
  /** Task, or for `streamEnds` the version of the GPU's forecast. */
  subject: number
}

interface Entry extends ModelEvent {
  order: number
}

const before = (a: Entry, b: Entry) => (a.atNs !== b.atNs ? a.atNs < b.atNs : a.kind !== b.kind ? a.kind < b.kind : a.order < b.order)

/** A heap, earliest first; equal times in order of adding, so runs repeat exactly. */
export class EventQueue {
  readonly #heap: Entry[] = []
  #added = 0

  add(event: ModelEvent): void {
    const entry = { ...event, order: this.#added++ }
    const heap = this.#heap
    let at = heap.push(entry) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!before(entry, heap[parent]!)) break
      heap[at] = heap[parent]!
      at = parent
    }
    heap[at] = entry
  }

  next(): ModelEvent | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (first === undefined || last === undefined || heap.length === 0) return first
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++
      if (!before(heap[child]!, last)) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = last
    return first
  }
}
