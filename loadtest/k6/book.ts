import type { Metric } from './names.ts'

/** Adds to a metric of k6, in the second of `atMs`. */
export type Add = (metric: Metric, value: number, atMs: number) => void

interface Send {
  id: string
  dueMs: number
  end?: 'stored' | 'refused'
  begun?: boolean
  shown?: boolean
}

/** What one VU meant to send, with the results. Milliseconds of one clock. Pure. */
export class Book {
  readonly #fromMs: number
  readonly #add: Add
  /** By id, and by the task that it became. */
  readonly #sends = new Map<string, Send>()
  readonly #early = new Map<string, ((send: Send) => void)[]>()
  #open: Send[] = []

  /** @param fromMs start of measuring: what is due before is judged, but in no latency */
  constructor(fromMs: number, add: Add) {
    this.#fromMs = fromMs
    this.#add = add
  }

  /** Sends that are neither refused, nor confirmed and shown. */
  get open(): readonly Send[] {
    this.#open = this.#open.filter(({ end, shown }) => end === undefined || (end === 'stored' && !shown))
    return this.#open
  }

  sent(id: string, dueMs: number, nowMs: number): void {
    const send = { id, dueMs }
    this.#sends.set(id, send)
    this.#open.push(send)
    if (dueMs >= this.#fromMs) this.#add('offered', 1, dueMs)
    this.#took('late_ms', send, nowMs)
  }

  /** @param task bot: the task that the prompt became */
  stored(id: string, nowMs: number, task?: string): void {
    const send = this.#sends.get(id)
    if (send === undefined || send.end !== undefined) return
    send.end = 'stored'
    this.#took('stored_ms', send, nowMs)
    if (task === undefined) return
    this.#sends.set(task, send)
    for (const tell of this.#early.get(task) ?? []) tell(send)
    this.#early.delete(task)
  }

  refused(id: string, nowMs: number): void {
    const send = this.#sends.get(id)
    if (send === undefined || send.end !== undefined) return
    send.end = 'refused'
    this.#add('refused', 1, nowMs)
  }

  /** Shown to its recipient. */
  shown(id: string, nowMs: number): void {
    const send = this.#sends.get(id)
    if (send === undefined) this.#add('phantoms', 1, nowMs)
    else this.#seen(send, nowMs, true)
  }

  /** A piece of an answer was shown. */
  begun(task: string, nowMs: number): void {
    this.#ofTask(task, send => this.#began(send, nowMs))
  }

  /** The answer was shown to its asker. @param well false: the apology */
  answered(task: string, nowMs: number, well: boolean): void {
    this.#ofTask(task, send => {
      // An answer without pieces begins with its end.
      if (well) this.#began(send, nowMs)
      this.#seen(send, nowMs, well)
    })
  }

  /** After the drain. @returns ids of lost messages */
  end(nowMs: number): string[] {
    const lost = this.open.filter(({ end }) => end === 'stored').map(({ id }) => id)
    this.#add('lost', lost.length, nowMs)
    this.#add('unanswered', this.open.length - lost.length, nowMs)
    this.#add('judged', 1, nowMs)
    return lost
  }

  #began(send: Send, nowMs: number): void {
    if (!send.begun) this.#took('ttft_ms', send, nowMs)
    send.begun = true
  }

  #seen(send: Send, nowMs: number, well: boolean): void {
    if (send.shown) this.#add('duplicates', 1, nowMs)
    else if (!well) this.#add('apologies', 1, nowMs)
    else this.#took('seen_ms', send, nowMs)
    send.shown = true
  }

  #took(metric: Metric, { dueMs }: Send, nowMs: number): void {
    if (dueMs >= this.#fromMs) this.#add(metric, nowMs - dueMs, nowMs)
  }

  /** A fast answer may overtake the frame that names its task: it keeps its own time. */
  #ofTask(task: string, tell: (send: Send) => void): void {
    const send = this.#sends.get(task)
    if (send !== undefined) tell(send)
    else this.#early.set(task, [...(this.#early.get(task) ?? []), tell])
  }
}

/** A UUID of version 7, in the order of time: random ids cost the store 10 % on a large table. */
export function messageId(atMs: number, vu: number, number: number): string {
  const hex = (value: number, digits: number) => Math.floor(value).toString(16).padStart(digits, '0').slice(-digits)
  const time = hex(atMs, 12)
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(number / 2 ** 32, 3)}-8${hex(vu, 3)}-${hex(number % 2 ** 32, 12)}`
}
