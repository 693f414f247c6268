import type { HistoryEvent } from '#evidence/history'
import { Observation, partGroup } from '#experiment'
import { hostNowMs, type Lab, pause } from '#lab'
import { dueTimes, inEverySecondWindow } from '../generator/arrivals.ts'
import type { SentRecord, Tick } from '../generator/messages.ts'
import { GeneratorThread } from '../generator/pool.ts'
import type { LoadPlan, PlannedFault, Traffic } from '../workload.ts'
import { type Cast, castOf, idleDevices, planSends, textOf } from './cast.ts'
import { isJudged, judgedShare } from './judged.ts'

export interface SessionOptions {
  seed: number
  threads: number
  signal: AbortSignal
  onTick?: (tick: Tick) => void
}

/** Between a plan and its first send: every thread has its list. Milliseconds. */
const LEAD_MS = 200
const PROBE_WITHIN_MS = 30_000
/** What is on its way when somebody stops it has this long to arrive. Milliseconds. */
const AFTER_STOP_MS = 5_000

/** A load test on a lab: its generator threads, and what is seen of the lab meanwhile. */
export class LoadSession implements AsyncDisposable {
  readonly observation: Observation
  readonly share: number
  readonly #lab: Lab
  readonly #plan: LoadPlan
  readonly #options: SessionOptions
  readonly #threads: GeneratorThread[]
  readonly #cast: Cast
  readonly #closing: AsyncDisposableStack

  private constructor(lab: Lab, plan: LoadPlan, options: SessionOptions, observation: Observation, closing: AsyncDisposableStack) {
    this.#lab = lab
    this.#plan = plan
    this.#options = options
    this.observation = observation
    this.share = judgedShare(plan)
    this.#closing = closing
    const nodes = lab.plan.imNodes.map(node => lab.url(node))
    const { threads, onTick = () => undefined } = options
    this.#cast = castOf(
      plan.traffic,
      nodes,
      threads,
      observation.facts.robot,
      conversation => isJudged(conversation, this.share),
      this.#wire,
    )
    const setUp = { zeroMs: observation.recorder.zeroMs, secret: lab.secret, trust: true }
    this.#threads = Array.from({ length: threads }, () => closing.use(new GeneratorThread(setUp, onTick)))
    // A thread that has ended sends nothing any more.
    const stop = () => void Promise.allSettled(this.#threads.map(thread => thread.call('stop')))
    options.signal.addEventListener('abort', stop, { once: true })
    closing.defer(() => options.signal.removeEventListener('abort', stop))
  }

  /** Every device is connected. */
  static async start(lab: Lab, plan: LoadPlan, options: SessionOptions): Promise<LoadSession> {
    const closing = new AsyncDisposableStack()
    try {
      const observation = closing.use(new Observation(lab))
      await observation.start()
      const session = new LoadSession(lab, plan, options, observation, closing)
      await Promise.all(session.#threads.map((thread, index) => thread.call('connect', session.#cast.devices[index] ?? [])))
      return session
    } catch (error) {
      await closing.disposeAsync()
      throw error
    }
  }

  /** Every sender sends one, and sees it arrive: what is measured begins with paths that work. */
  async probe(): Promise<void> {
    const startMs = hostNowMs() + LEAD_MS
    const due = this.#cast.senders.map(senders => senders.map(() => startMs))
    await this.#send(due, false)
    await this.#rest(PROBE_WITHIN_MS, false)
  }

  /** Connects the plan's idle devices. @returns milliseconds for each, and in all */
  async connectIdle(): Promise<{ connectMs: number[]; tookMs: number }> {
    const nodes = this.#lab.plan.imNodes.map(node => this.#lab.url(node))
    const specs = idleDevices(this.#plan.idleConnections, nodes, this.#threads.length, this.#wire)
    const startMs = hostNowMs()
    const took = await Promise.all(this.#threads.map((thread, index) => thread.call('connect', specs[index] ?? [])))
    return { connectMs: took.flat(), tookMs: hostNowMs() - startMs }
  }

  /** Devices that are online now. */
  async online(): Promise<number> {
    return (await Promise.all(this.#threads.map(thread => thread.call('online')))).reduce((sum, count) => sum + count, 0)
  }

  async warmUp(): Promise<void> {
    if (this.#plan.warmUpMs === 0) return
    await this.#load(
      this.#plan.traffic.map(traffic => ({ ...traffic, windows: 'all' as const })),
      this.#plan.warmUpMs,
      false,
      0,
    )
    await this.#rest(PROBE_WITHIN_MS, false)
  }

  /** The measured part. @returns when it began, on the history's clock */
  async measure(): Promise<number> {
    const { traffic, forMs, faults } = this.#plan
    await Promise.all(this.#threads.map(thread => thread.call('busy')))
    const fromMs = hostNowMs() + LEAD_MS - this.observation.recorder.zeroMs
    this.observation.recorder.record({ kind: 'measured' })
    // The last message may be due long before the end.
    const { signal, seed } = this.#options
    const measuring = Promise.all([
      this.#load(traffic, forMs, true, seed),
      pauseOrStop(LEAD_MS + forMs, signal),
      ...faults.map(fault => this.#fault(fault)),
    ])
    await orStopped(measuring, signal, AFTER_STOP_MS)
    return fromMs
  }

  /** Where nodes go away, the client that comes back is the subject. */
  get #wire(): boolean {
    return this.#plan.faults.length === 0
  }

  /** CPU of all generator threads so far. Milliseconds. */
  async cpuMs(): Promise<number> {
    return (await Promise.all(this.#threads.map(thread => thread.call('cpuMs')))).reduce((sum, ms) => sum + ms, 0)
  }

  /** Event loop of the busiest thread since measuring began. Percent. */
  async busiestPercent(): Promise<number> {
    return Math.max(0, ...(await Promise.all(this.#threads.map(thread => thread.call('busy')))))
  }

  async drain(): Promise<void> {
    await this.#rest(this.#plan.drainMs, true)
  }

  /** Ends the devices and gathers everything. */
  async finish(): Promise<{ events: HistoryEvent[]; sent: SentRecord[] }> {
    await Promise.all(this.#threads.map(thread => thread.call('close')))
    const taken = await Promise.all(this.#threads.map(thread => thread.call('take')))
    const { observation } = this
    await observation.readStores()
    await observation.readSteps()
    observation.recordWork()
    const events = [observation.events(), ...taken.map(({ events: own }) => own)].flat().sort((a, b) => a.atMs - b.atMs)
    return { events, sent: taken.flatMap(({ sent }) => sent) }
  }

  async #load(traffic: readonly Traffic[], forMs: number, measured: boolean, seed: number): Promise<void> {
    const startMs = hostNowMs() + LEAD_MS
    const due = traffic.map((stream, index) => {
      if (stream.outstanding > 0) return []
      const times =
        stream.ratePerSecond > 0
          ? dueTimes(stream, forMs, seed + index)
          : stream.prompts.map(({ atMs }) => atMs).filter(atMs => atMs < forMs)
      const wanted = stream.windows === 'all' ? times : inEverySecondWindow(times, forMs, this.#plan.windows)
      return wanted.map(atMs => startMs + atMs)
    })
    const closed = traffic.flatMap((stream, index) =>
      stream.outstanding > 0 ? [this.#closed(stream, index, startMs, forMs, measured)] : [],
    )
    await Promise.all([this.#send(due, measured), ...closed])
  }

  async #send(due: readonly (readonly number[])[], measured: boolean): Promise<void> {
    const sends = planSends(this.#cast, this.#plan.traffic, due, { threads: this.#threads.length, measured })
    await Promise.all(this.#threads.map((thread, index) => thread.call('open', sends[index] ?? [])))
  }

  async #closed({ kind, outstanding, bodyBytes, prompts }: Traffic, stream: number, fromMs: number, forMs: number, measured: boolean) {
    const bodies = kind === 'chat' ? [textOf(0, bodyBytes)] : prompts.length > 0 ? prompts.map(({ text }) => text) : ['question']
    const senders = Map.groupBy(this.#cast.senders[stream] ?? [], ({ thread }) => thread)
    await Promise.all(
      this.#threads.map((thread, index) => {
        const pairs = senders.get(index) ?? []
        if (pairs.length === 0) return undefined
        const own = Math.ceil(outstanding / senders.size)
        return thread.call('closed', { kind, outstanding: own, fromMs, untilMs: fromMs + forMs, pairs, bodies, measured })
      }),
    )
  }

  async #fault({ atMs, part }: PlannedFault): Promise<void> {
    const { signal } = this.#options
    await pauseOrStop(LEAD_MS + atMs, signal)
    if (signal.aborted) return
    const parts = partGroup(this.#lab, 'im-node', this.observation.recorder)
    await parts.kill(part)
    await parts.start(part)
  }

  async #rest(withinMs: number, last: boolean): Promise<void> {
    const { signal } = this.#options
    const devices = async () => (await Promise.all(this.#threads.map(thread => thread.call('states')))).flat()
    // Interrupted: what was measured counts, idle or not.
    const stopped = last && signal.aborted
    await this.observation.rest(devices, stopped ? { withinMs: AFTER_STOP_MS, signal: NEVER } : { withinMs, signal })
    if (!last) signal.throwIfAborted()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#closing.disposeAsync()
  }
}

const NEVER = new AbortController().signal

/** Ends after a stop too: clients wait long for a dead broker's confirms. */
async function orStopped(work: Promise<unknown>, signal: AbortSignal, withinMs: number): Promise<void> {
  work.catch(() => undefined) // Told by the race, unless that is over.
  const over = new AbortController()
  const stopped = Promise.withResolvers<void>()
  const later = () => setTimeout(stopped.resolve, withinMs).unref()
  if (signal.aborted) later()
  else signal.addEventListener('abort', later, { once: true, signal: over.signal })
  await Promise.race([work, stopped.promise]).finally(() => over.abort())
}

/** What was done until somebody stops it counts. */
const pauseOrStop = (ms: number, signal: AbortSignal) => pause(ms, signal).catch(() => undefined)
