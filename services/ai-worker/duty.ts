import type { Counter, Registry } from 'prom-client'
import type { Settings } from '#contracts/settings'
import type { Consumer } from '../kit/broker/types.ts'
import { pause } from '../kit/deadline.ts'
import type { Log } from '../kit/log.ts'
import { counter, gauge } from '../kit/metrics.ts'
import { type Failure, kindOf } from './failures.ts'
import type { ModelServer } from './model-server/model-server.ts'
import { type Follows, next, pauseMs, SERVING, type ServiceState } from './service-state.ts'

/** A server that failed a task and gives no token within this is sick. Milliseconds. */
const PROBE_WITHIN_MS = 5_000

export interface DutyOptions {
  server: ModelServer
  settings: Settings
  consumers: ReadonlyMap<string, Consumer>
  log: Log
  registry: Registry
  /** Gives everything back that has not begun. */
  giveBack(): void
  /** Works on what it holds: it may again. */
  goOn(): void
  /** This worker stops. */
  signal: AbortSignal
}

/** Whether this worker takes tasks; `service-state.ts` decides. A sick GPU would fail fastest. */
export class Duty {
  readonly #options: DutyOptions
  readonly #left: Counter<'reason'>
  readonly #probes: Counter<'result'>
  #state: ServiceState = SERVING
  /** When the pause ends, on `performance.now()`. */
  #untilMs = 0

  constructor(options: DutyOptions) {
    this.#options = options
    const { registry } = options
    gauge(registry, 'bot_in_service', 'Takes tasks: 1 as many as its prefetch, 0.5 one at a time to try its model server, 0 none', () =>
      this.#state.mode === 'serving' ? 1 : this.#state.mode === 'trial' ? 0.5 : 0,
    )
    this.#left = counter(registry, 'bot_out_of_service_total', 'Pauses for the sake of the model server, by what it did', ['reason'])
    this.#probes = counter(registry, 'bot_probes_total', 'Single tokens asked to see whether the model server works', ['result'])
  }

  /** Tasks that may be worked on at a time. */
  get slots(): number {
    const { mode } = this.#state
    return mode === 'away' ? 0 : mode === 'trial' ? 1 : this.#options.settings.workerSlots
  }

  /** Why this worker takes no tasks; undefined when it does, be it one at a time. */
  get missing(): string | undefined {
    const { mode, reason } = this.#state
    if (mode !== 'away' || reason === undefined) return undefined
    const seconds = Math.max(0, (this.#untilMs - performance.now()) / 1_000).toFixed(1)
    return `model server at ${this.#options.server.host}: ${reason.code} (${kindOf(reason).seen}); next look in ${seconds} s`
  }

  /** Consumes anew with the settings as they are now. While it is away: at its return. */
  async renew(): Promise<void> {
    if (this.#state.mode !== 'serving') return
    await this.#cancel()
    this.#options.giveBack()
    if (this.#state.mode === 'serving' && !this.#options.signal.aborted) await this.#consume(this.#options.settings.workerPrefetchTasks)
  }

  answered(): void {
    void this.#become(next(this.#state, { what: 'answered' }).state)
  }

  /** What follows from a failure; asks a suspected server for one token first. When it returns, a
   *  worker that leaves service takes no more tasks. */
  async failed(task: string, failure: Failure, last: boolean): Promise<Follows> {
    const { settings } = this.#options
    if (settings.failureHandling !== 'sorted') return this.#unsorted(task, failure)
    const kind = kindOf(failure)
    const asks = kind.fault === 'task' && kind.proven !== true
    const probe = asks ? await this.#probe(Math.min(PROBE_WITHIN_MS, settings.inferenceGapMs)) : undefined
    const follows = next(this.#state, { what: 'failed', task, failure, last, ...(probe === undefined ? {} : { probe }) })
    await this.#become(follows.state)
    return follows
  }

  /** The rule of most workers: only a server that nobody reaches counts as sick. */
  async #unsorted(task: string, failure: Failure): Promise<Follows> {
    const { fault } = kindOf(failure)
    if (failure.code !== 'unreachable' && fault !== 'nobody') return { state: this.#state, task: 'counted', refund: [] }
    const follows = next(this.#state, { what: 'failed', task, failure })
    await this.#become(follows.state)
    return follows
  }

  async #become(state: ServiceState): Promise<void> {
    const before = this.#state
    this.#state = state
    const { log, server, settings, giveBack, goOn, signal } = this.#options
    if (signal.aborted || (before.mode === state.mode && before.pauses === state.pauses)) return
    if (state.mode === 'away') {
      const ms = pauseMs(state, settings.serverPauseMaxMs)
      this.#untilMs = performance.now() + ms
      this.#left.inc({ reason: state.reason?.code ?? 'error' })
      log.error({ host: server.host, ...state.reason, pauseMs: ms }, 'out of service')
      void this.#comeBack(ms)
      await this.#cancel()
      giveBack()
    } else if (before.mode === 'away') {
      await this.#consume(1)
      log.info({ host: server.host }, 'tries one task')
      goOn()
    } else if (before.mode === 'trial') {
      log.info({ host: server.host }, 'back in service')
      // The broker binds a prefetch to consumers that are new.
      if (settings.workerPrefetchTasks === 1) return
      await this.#cancel()
      if (this.#state.mode === 'serving' && !signal.aborted) await this.#consume(settings.workerPrefetchTasks)
    }
  }

  /** If a channel falls meanwhile, its re-opening consumes. */
  async #consume(prefetch: number): Promise<void> {
    await Promise.all(this.#options.consumers.values().map(consumer => consumer.resume(prefetch).catch(() => undefined)))
  }

  async #cancel(): Promise<void> {
    await Promise.all(this.#options.consumers.values().map(consumer => consumer.cancel()))
  }

  async #probe(withinMs: number): Promise<'answers' | Failure> {
    const { server, signal } = this.#options
    const probe = await server.probe(withinMs, signal)
    this.#probes.inc({ result: probe === 'answers' ? probe : probe.code })
    return probe
  }

  async #comeBack(ms: number): Promise<void> {
    const { settings, signal } = this.#options
    await pause(ms, signal)
    if (signal.aborted) return
    // It may have to load its model.
    const probe = await this.#probe(settings.modelLoadDeadlineMs)
    if (signal.aborted) return
    await this.#become(next(this.#state, { what: 'probed', probe }).state)
  }
}
