import type { ModelMemory } from './models.ts'

/** A GPU as a discrete-event model: slots, a FIFO, streams that share one read of the weights. No
 *  timer: each event has its exact instant. Wall milliseconds, after the time scale. */

export interface Work {
  model: string
  keepAliveMs: number
  /** Of the model, when it is loaded for this. */
  contextTokens: number
  floorMs: number
  prefillMs: number
  /** The whole answer with the GPU to itself. */
  decodeMs: number
  tokens: number
  /** Token counts reported exactly: ascending, below `tokens`; the end is always reported. */
  marks: readonly number[]
}

/** Wait for a slot, load, prefill with floor, decode, end; held = silent in its slot. */
export type Phase = 'waiting' | 'loading' | 'prefill' | 'decoding' | 'held' | 'ended'

export interface Job {
  readonly work: Work
  readonly receivedAtMs: number
  phase: Phase
  /** When a slot was taken, the model was there, decoding began, all was over. */
  startedAtMs?: number
  loadedAtMs?: number
  /** How long it waited for the model, from its arrival: in the queue or in its slot. */
  loadWaitMs: number
  /** It began the load of its model: the load ends with it. */
  loads: boolean
  decodingAtMs?: number
  endedAtMs?: number
  /** Streams in slots when this one started, itself included. */
  slotsInUse: number
  /** Next entry of `work.marks`. */
  mark: number
  /** Work done by `asOfMs`, in milliseconds of a GPU alone. */
  prefilledMs: number
  decodedMs: number
  asOfMs: number
}

export type GpuEvent = { kind: 'started'; job: Job; atMs: number } | { kind: 'tokens'; job: Job; atMs: number; tokens: number }

export class GpuEngine {
  readonly memory: ModelMemory
  readonly #slots: number
  readonly #batching: readonly number[]
  readonly #waiting: Job[] = []
  readonly #running = new Set<Job>()
  readonly #events: GpuEvent[] = []

  /** @param batching aggregate speed by streams, relative to one; the last value holds beyond. */
  constructor(slots: number, batching: readonly number[], memory: ModelMemory) {
    this.#slots = slots
    this.#batching = batching
    this.memory = memory
  }

  get running(): ReadonlySet<Job> {
    return this.#running
  }

  get waiting(): readonly Job[] {
    return this.#waiting
  }

  /** A request arrives. Call `advance` first and after. */
  submit(nowMs: number, work: Work): Job {
    const job: Job = {
      work,
      receivedAtMs: nowMs,
      phase: 'waiting',
      loadWaitMs: 0,
      loads: false,
      slotsInUse: 0,
      mark: 0,
      prefilledMs: 0,
      decodedMs: 0,
      asOfMs: nowMs,
    }
    this.#waiting.push(job)
    this.#admit(nowMs)
    return job
  }

  /** Ends a job, done or not; its slot goes to the first in the queue at this very instant. */
  end(atMs: number, job: Job): void {
    if (job.phase === 'ended') return
    if (job.phase === 'waiting') this.#waiting.splice(this.#waiting.indexOf(job), 1)
    else {
      this.#settle(atMs)
      this.#running.delete(job)
      if (job.phase === 'loading' && job.loads && !this.memory.ready(atMs, job.work.model, job.work.contextTokens))
        this.#abortLoad(atMs, job.work.model)
      else this.memory.release(atMs, job.work.model)
    }
    job.phase = 'ended'
    job.endedAtMs = atMs
    this.#admit(atMs)
  }

  /** Goes silent: keeps its slot, decodes no more. */
  hold(atMs: number, job: Job): void {
    if (job.phase !== 'decoding') return
    this.#settle(atMs)
    job.phase = 'held'
  }

  /** When something happens next if nobody interferes; Infinity if nothing does. */
  nextAtMs(): number {
    if (this.#events.length > 0) return Number.NEGATIVE_INFINITY
    let next = Number.POSITIVE_INFINITY
    for (const job of this.#running) next = Math.min(next, this.#dueAtMs(job))
    return next
  }

  /** Runs all due by `nowMs`. The listener may end or hold jobs; others end at their last token. */
  advance(nowMs: number, listener: (event: GpuEvent) => void): void {
    for (;;) {
      for (let event = this.#events.shift(); event !== undefined; event = this.#events.shift()) {
        listener(event)
        const { job, kind, atMs } = event
        if (kind === 'tokens' && event.tokens >= job.work.tokens && job.phase === 'decoding') this.end(atMs, job)
      }
      const atMs = this.nextAtMs()
      if (!(atMs <= nowMs)) return
      for (const job of this.#running) {
        if (this.#dueAtMs(job) > atMs) continue
        this.#happen(job, atMs)
        break // One at a time: it may change when the others are due.
      }
    }
  }

  tokensAt(nowMs: number, job: Job): number {
    const { tokens, decodeMs } = job.work
    const decodedMs = job.phase === 'decoding' ? job.decodedMs + (nowMs - job.asOfMs) * this.#rate() : job.decodedMs
    // Never past the next mark: what happens there is not known here.
    const bound = job.work.marks[job.mark] ?? tokens
    return decodeMs === 0 ? bound : Math.min(bound, Math.floor((tokens * decodedMs) / decodeMs))
  }

  #dueAtMs(job: Job): number {
    const { work } = job
    if (job.phase === 'loading') return job.loadedAtMs ?? 0
    if (job.phase === 'prefill') return job.asOfMs + Math.max(0, work.floorMs + work.prefillMs - job.prefilledMs) / this.#rate()
    if (job.phase !== 'decoding') return Number.POSITIVE_INFINITY
    return job.asOfMs + Math.max(0, workAt(job) - job.decodedMs) / this.#rate()
  }

  #happen(job: Job, atMs: number): void {
    if (job.phase === 'loading') {
      this.#settle(atMs) // Those that work already were faster until now.
      job.phase = 'prefill'
      job.asOfMs = atMs
    } else if (job.phase === 'prefill') {
      this.#settle(atMs)
      job.phase = 'decoding'
      job.decodingAtMs = atMs
    } else {
      this.#settle(atMs)
      job.decodedMs = workAt(job) // Exactly, whatever rounding did on the way.
      const tokens = job.work.marks[job.mark] ?? job.work.tokens
      job.mark += 1
      this.#events.push({ kind: 'tokens', job, atMs, tokens })
    }
  }

  /** Books what each stream got at the speed that ends here. */
  #settle(atMs: number): void {
    const rate = this.#rate()
    for (const job of this.#running) {
      if (!isWorking(job)) continue
      if (job.phase === 'prefill') job.prefilledMs += (atMs - job.asOfMs) * rate
      else job.decodedMs += (atMs - job.asOfMs) * rate
      job.asOfMs = atMs
    }
  }

  /** A stream's speed relative to one alone. Reading shares it (measured), loading not
   *  (assumed). */
  #rate(): number {
    let streams = 0
    for (const job of this.#running) if (isWorking(job)) streams += 1
    if (streams === 0) return 1
    return (this.#batching[Math.min(streams, this.#batching.length) - 1] ?? 1) / streams
  }

  /** A hang-up during a load ends it (ollama#8006, #9292); the next waiting request restarts it. */
  #abortLoad(atMs: number, model: string): void {
    this.memory.abort(model)
    for (const job of this.#running) if (job.phase === 'loading' && job.work.model === model) this.#load(atMs, job)
  }

  /** @returns false while there is no room for the model. */
  #load(atMs: number, job: Job): boolean {
    const { model, keepAliveMs, contextTokens } = job.work
    const loads = !this.memory.holds(atMs, model, contextTokens)
    const readyAtMs = this.memory.use(atMs, model, keepAliveMs, contextTokens)
    if (readyAtMs === undefined) return false
    job.loads = loads
    job.loadedAtMs = Math.max(atMs, readyAtMs)
    job.loadWaitMs = Math.max(0, readyAtMs - job.receivedAtMs)
    return true
  }

  #admit(atMs: number): void {
    while (this.#running.size < this.#slots) {
      const [job] = this.#waiting
      if (job === undefined) return
      if (!this.#load(atMs, job)) return // First in, first out, also where one behind would fit.
      this.#waiting.shift()
      this.#running.add(job)
      job.phase = 'loading'
      job.startedAtMs = atMs
      job.slotsInUse = this.#running.size
      this.#events.push({ kind: 'started', job, atMs })
    }
  }
}

const isWorking = ({ phase }: Job) => phase === 'prefill' || phase === 'decoding'

function workAt(job: Job): number {
  const { tokens, decodeMs } = job.work
  const mark = job.work.marks[job.mark] ?? tokens
  return tokens === 0 ? 0 : (mark / tokens) * decodeMs
}
