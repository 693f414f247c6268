import type { Inference } from '#contracts/http'

/** What the GPU did, task by task. The oldest entries go; no prompts or answers. */

/** Entries that are kept. About 300 bytes each. */
const KEPT = 100_000

export interface Entry {
  index: number
  task: string
  attempt: number
  worker: string
  heldMs?: number
  model: string
  /** Of a worker, for no task. */
  probe: boolean
  receivedAtMs: number
  startedAtMs?: number
  firstTokenAtMs?: number
  endedAtMs?: number
  promptTokens: number
  answerTokens: number
  outcome: Inference['outcome']
  /** Streams in slots when this one started, itself included; 0 if it never did. */
  slotsInUse: number
}

export class InferenceLog {
  /** A ring: entry `index` lies at `index % kept`. */
  readonly #entries: Entry[] = []
  readonly #kept: number
  #next = 0

  /** @param kept entries. Default 100,000. */
  constructor(kept = KEPT) {
    this.#kept = kept
  }

  add(entry: Omit<Entry, 'index' | 'outcome' | 'slotsInUse' | 'answerTokens'>): Entry {
    const added: Entry = { ...entry, index: this.#next, answerTokens: 0, outcome: 'waiting', slotsInUse: 0 }
    this.#entries[this.#next % this.#kept] = added
    this.#next += 1
    return added
  }

  /** Entries with a higher index, oldest first. @param limit most entries. Default all. */
  after(index: number, limit = Number.POSITIVE_INFINITY): Entry[] {
    const found: Entry[] = []
    for (let at = Math.max(index + 1, this.#next - this.#kept, 0); at < this.#next && found.length < limit; at += 1) {
      const entry = this.#entries[at % this.#kept]
      if (entry !== undefined) found.push(entry)
    }
    return found
  }

  /** The `after` that misses nothing: everything up to it has ended. */
  next(index: number, read: readonly Entry[]): number {
    const open = read.find(({ endedAtMs }) => endedAtMs === undefined)
    return open === undefined ? (read.at(-1)?.index ?? index) : open.index - 1
  }
}

/** The entry as the contract has it: instants in nanoseconds, as decimal strings. */
export function asInference(entry: Entry): Inference {
  const { heldMs, startedAtMs, firstTokenAtMs, endedAtMs } = entry
  return {
    index: entry.index,
    task: entry.task,
    attempt: entry.attempt,
    worker: entry.worker,
    ...(heldMs === undefined ? {} : { heldMs }),
    model: entry.model,
    receivedAtNs: ns(entry.receivedAtMs),
    ...(startedAtMs === undefined ? {} : { startedAtNs: ns(startedAtMs) }),
    ...(firstTokenAtMs === undefined ? {} : { firstTokenAtNs: ns(firstTokenAtMs) }),
    ...(endedAtMs === undefined ? {} : { endedAtNs: ns(endedAtMs) }),
    promptTokens: entry.promptTokens,
    answerTokens: entry.answerTokens,
    outcome: entry.outcome,
  }
}

function ns(ms: number): string {
  return String(Math.round(ms * 1e6))
}
