import type { COUNTERS, SecondPart, TRENDS } from './report.ts'

/** Where the tally puts its figures: k6's metrics. */
export interface Sink {
  time(metric: keyof typeof TRENDS, ms: number): void
  count(metric: keyof typeof COUNTERS, by: number): void
}

interface Entry {
  intendedMs: number
  /** Sent in the measured part. */
  measured: boolean
  outcome: 'open' | 'stored' | 'refused'
  begun: boolean
  shown: boolean
}

/** One VU's intended sends and their results, in milliseconds of one clock. Pure. */
export class Tally {
  readonly #entries = new Map<string, Entry>()
  readonly #seconds = new Map<number, SecondPart>()
  readonly #vu: number
  readonly #fromMs: number
  readonly #sink: Sink
  #unsettled = 0
  #told = 0

  /** @param fromMs when the measured part begins */
  constructor(vu: number, fromMs: number, sink: Sink) {
    this.#vu = vu
    this.#fromMs = fromMs
    this.#sink = sink
  }

  /** Sends that are neither refused nor confirmed and shown. */
  get unsettled(): number {
    return this.#unsettled
  }

  sent(id: string, intendedMs: number, nowMs: number): void {
    const measured = intendedMs >= this.#fromMs
    this.#entries.set(id, { intendedMs, measured, outcome: 'open', begun: false, shown: false })
    this.#unsettled += 1
    if (!measured) return
    this.#sink.time('late', nowMs - intendedMs)
    this.#sink.count('offered', 1)
    this.#second(intendedMs).offered += 1
  }

  stored(id: string, nowMs: number): void {
    const entry = this.#entries.get(id)
    if (entry?.outcome !== 'open') return
    entry.outcome = 'stored'
    if (entry.shown) this.#unsettled -= 1
    if (!entry.measured) return
    this.#sink.time('stored', nowMs - entry.intendedMs)
    this.#second(nowMs).stored += 1
  }

  refused(id: string, nowMs: number): void {
    const entry = this.#entries.get(id)
    if (entry?.outcome !== 'open') return
    entry.outcome = 'refused'
    if (!entry.shown) this.#unsettled -= 1
    this.#sink.count('refused', 1)
    if (entry.measured) this.#second(nowMs).failed += 1
  }

  /** The first piece of an answer. */
  begun(id: string, nowMs: number): void {
    const entry = this.#entries.get(id)
    if (entry === undefined || entry.begun) return
    entry.begun = true
    if (entry.measured) this.#sink.time('ttft', nowMs - entry.intendedMs)
  }

  /** Shown to the one whom it was for. @param well false = the apology in place of an answer */
  shown(id: string, nowMs: number, well = true): void {
    const entry = this.#entries.get(id)
    if (entry === undefined) this.#sink.count('phantoms', 1)
    else if (entry.shown) this.#sink.count('duplicates', 1)
    else {
      entry.shown = true
      if (entry.outcome === 'stored') this.#unsettled -= 1
      if (!well) this.#sink.count('apologies', 1)
      if (entry.measured) this.#delivered(entry.intendedMs, nowMs, well)
    }
  }

  redelivered(): void {
    this.#sink.count('redelivered', 1)
  }

  disconnected(): void {
    this.#sink.count('disconnected', 1)
  }

  /** Verdicts after the drain; unconfirmed is a loss of its own kind. @returns lost ids */
  end(): string[] {
    const lost: string[] = []
    let unanswered = 0
    for (const [id, { outcome, shown }] of this.#entries) {
      if (outcome === 'open') unanswered += 1
      else if (outcome === 'stored' && !shown) lost.push(id)
    }
    this.#sink.count('lost', lost.length)
    this.#sink.count('unanswered', unanswered)
    // A counter that nobody touched is in no summary, and a threshold on it passes unseen.
    for (const metric of ['offered', 'duplicates', 'phantoms', 'refused', 'apologies', 'redelivered', 'disconnected'] as const)
      this.#sink.count(metric, 0)
    return lost
  }

  /** Seconds that are over and were not taken yet, each once, empty ones too. */
  takeSeconds(nowMs: number): SecondPart[] {
    const taken: SecondPart[] = []
    const over = Math.floor((nowMs - this.#fromMs) / 1_000)
    for (; this.#told < over; this.#told += 1) {
      taken.push(this.#part(this.#told))
      this.#seconds.delete(this.#told)
    }
    return taken
  }

  #delivered(intendedMs: number, nowMs: number, well: boolean): void {
    const second = this.#second(nowMs)
    if (!well) {
      second.failed += 1
      return
    }
    this.#sink.time('seen', nowMs - intendedMs)
    second.delivered += 1
    second.latenciesMs.push(Math.round((nowMs - intendedMs) * 1_000) / 1_000)
  }

  /** Never one that was taken: what is counted late falls into the running second. */
  #second(atMs: number): SecondPart {
    return this.#part(Math.max(this.#told, Math.floor((atMs - this.#fromMs) / 1_000)))
  }

  #part(second: number): SecondPart {
    const known = this.#seconds.get(second)
    if (known !== undefined) return known
    const part = { vu: this.#vu, second, offered: 0, stored: 0, delivered: 0, failed: 0, latenciesMs: [] }
    this.#seconds.set(second, part)
    return part
  }
}
