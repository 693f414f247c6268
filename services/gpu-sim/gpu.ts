import type { GpuEngine, GpuEvent, Job, Work } from './engine.ts'

/** Runs a GpuEngine against the clock of this host. */

/** Interval of a stream's writes: a fast GPU or time scale must not flood. Milliseconds. */
const TICK_MS = 10

export interface Listener {
  /** A slot was taken. */
  started?(job: Job, atMs: number): void
  /** At a mark or at the end, at its exact instant; the job may be ended or held there. */
  tokens(job: Job, tokens: number, atMs: number): void
  /** On the way between marks. */
  tick?(job: Job, tokens: number): void
}

/** Monotonic milliseconds of this host, comparable between processes. */
export function hostNowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

export class Gpu implements Disposable {
  readonly engine: GpuEngine
  readonly #listeners = new Map<Job, Listener>()
  readonly #alarm = new Alarm(() => this.#run(hostNowMs()))
  #tickAtMs = 0

  constructor(engine: GpuEngine) {
    this.engine = engine
  }

  submit(work: Work, listener: Listener): Job {
    const nowMs = hostNowMs()
    this.#advance(nowMs)
    const job = this.engine.submit(nowMs, work)
    this.#listeners.set(job, listener)
    this.#run(nowMs)
    return job
  }

  /** Ends a job from outside, as a hang-up does: now. */
  end(job: Job): void {
    const nowMs = hostNowMs()
    this.#advance(nowMs)
    this.engine.end(nowMs, job)
    this.#listeners.delete(job)
    this.#run(nowMs)
  }

  [Symbol.dispose](): void {
    this.#alarm.clear()
    this.#listeners.clear()
  }

  #advance(nowMs: number): void {
    this.engine.advance(nowMs, event => this.#tell(event))
  }

  #tell(event: GpuEvent): void {
    const { job, atMs } = event
    const listener = this.#listeners.get(job)
    if (event.kind === 'started') listener?.started?.(job, atMs)
    else listener?.tokens(job, event.tokens, atMs)
    if (job.phase === 'ended' || (event.kind === 'tokens' && event.tokens >= job.work.tokens && job.phase !== 'held'))
      this.#listeners.delete(job)
  }

  #run(nowMs: number): void {
    this.#advance(nowMs)
    const decoding = [...this.engine.running].filter(job => job.phase === 'decoding')
    if (nowMs >= this.#tickAtMs) {
      for (const job of decoding) this.#listeners.get(job)?.tick?.(job, this.engine.tokensAt(nowMs, job))
      this.#tickAtMs = nowMs + TICK_MS
    }
    const nextAtMs = this.engine.nextAtMs()
    if (decoding.length > 0 && this.#tickAtMs < nextAtMs) this.#alarm.set(this.#tickAtMs, 'roughly')
    else this.#alarm.set(nextAtMs, 'exactly')
  }
}

/** Node's timers are up to 1 ms late, half of a 2 ms answer; `exactly` spins for the rest. */
class Alarm {
  readonly #ring: () => void
  #timer: NodeJS.Timeout | undefined
  #turn: NodeJS.Immediate | undefined

  constructor(ring: () => void) {
    this.#ring = ring
  }

  /** @param atMs Infinity = never. */
  set(atMs: number, how: 'exactly' | 'roughly'): void {
    this.clear()
    if (atMs === Number.POSITIVE_INFINITY) return
    const restMs = atMs - hostNowMs()
    if (restMs <= 0 || (how === 'exactly' && restMs < 1)) {
      this.#turn = setImmediate(() => (hostNowMs() >= atMs ? this.#ring() : this.set(atMs, how)))
    } else {
      // Node runs longer timers at once.
      const waitMs = Math.min(how === 'exactly' ? Math.floor(restMs) : Math.ceil(restMs), 2 ** 31 - 1)
      this.#timer = setTimeout(() => (hostNowMs() >= atMs ? this.#ring() : this.set(atMs, how)), waitMs)
    }
  }

  clear(): void {
    clearTimeout(this.#timer)
    clearImmediate(this.#turn)
  }
}
