import { setMaxListeners } from 'node:events'
import type { Counter, Histogram } from 'prom-client'
import type { Held, Readiness } from '#contracts/http'
import { APOLOGY, Task } from '#contracts/tasks'
import type { Consumer, Delivery } from '../kit/broker.ts'
import { StoreUnavailable } from '../kit/database.ts'
import { pause } from '../kit/deadline.ts'
import { counter, histogram } from '../kit/metrics.ts'
import type { Attempt } from '../kit/task-store.ts'
import { deliverAnswer } from './answer.ts'
import type { RunningWorker, WorkerOptions } from './index.ts'
import { infer, modelServerAnswers } from './infer.ts'
import { Partials } from './partials.ts'
import { type Failure, settlement } from './settlement.ts'

interface Item {
  queue: string
  delivery: Delivery
  task: Task
  /** When it was delivered, on `performance.now()`. */
  takenAtMs: number
}

/** Pause between two looks at a model server that is down, and at a database that is away. Milliseconds. */
const PROBE_EVERY_MS = 500

/** Takes tasks into a buffer (as many as the prefetch lets in) and works on `workerSlots` of them at a time, oldest first. */
export class Worker implements RunningWorker {
  readonly consumers: { queue: string; consumer: Consumer }[] = []
  readonly #options: WorkerOptions
  readonly #buffer: Item[] = []
  readonly #running = new Map<Item, Promise<void>>()
  readonly #stop = new AbortController()
  readonly #abort = new AbortController()
  #outOfService: string | undefined
  readonly #outcomes: Counter<'outcome'>
  readonly #seconds: Histogram
  readonly #tokens: Counter
  readonly #late: Counter

  constructor(options: WorkerOptions) {
    this.#options = options
    // One listener per running inference, by design.
    setMaxListeners(0, this.#abort.signal)
    const { registry } = options
    this.#outcomes = counter(registry, 'bot_tasks_total', 'Deliveries by how they ended', ['outcome'])
    this.#seconds = histogram(
      registry,
      'bot_inference_seconds',
      'Length of inferences',
      [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300],
    )
    this.#tokens = counter(registry, 'bot_tokens_total', 'Tokens generated in answers')
    this.#late = counter(registry, 'bot_late_settles_total', 'Tasks that could not be settled, since their channel was gone')
  }

  held(): Held {
    const queues: Held['queues'] = Object.fromEntries(this.consumers.map(({ queue }) => [queue, { held: 0, running: 0 }]))
    for (const { queue } of this.#buffer) queues[queue]!.held += 1
    for (const { queue } of this.#running.keys()) {
      queues[queue]!.held += 1
      queues[queue]!.running += 1
    }
    return { worker: this.#options.name, consuming: this.consumers.some(({ consumer }) => consumer.active), queues }
  }

  ready(): Readiness {
    const idle = this.consumers.filter(({ consumer }) => !consumer.active).map(({ queue }) => `consumer of ${queue}`)
    const missing = this.#outOfService === undefined ? idle : [this.#outOfService]
    return { ready: missing.length === 0, missing }
  }

  take(queue: string, delivery: Delivery): void {
    const task = parse(delivery.body)
    if (task === undefined) {
      // Nobody can answer it, now or later: to the dead-letter queue, where a person can look at it.
      this.#outcomes.inc({ outcome: 'unparsable' })
      this.#options.log.error({ queue, bytes: delivery.body.length, messageId: delivery.messageId }, 'not a task')
      delivery.reject(false)
      return
    }
    this.#buffer.push({ queue, delivery, task, takenAtMs: performance.now() })
    if (this.#outOfService !== undefined || this.#stop.signal.aborted) this.#giveBackBuffer()
    else this.#pump()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await Promise.all(this.consumers.map(({ consumer }) => consumer.cancel()))
    this.#giveBackBuffer()
    const finished = Promise.all(this.#running.values())
    await Promise.race([finished, pause(this.#options.settings.drainMs)])
    this.#abort.abort()
    await finished
  }

  #pump(): void {
    while (this.#running.size < this.#options.settings.workerSlots && this.#buffer.length > 0) {
      const item = this.#buffer.shift()!
      // Its channel fell while it waited: the broker has given it to somebody else, or will.
      if (!item.delivery.alive()) continue
      const work = this.#work(item)
        .catch((error: unknown) => {
          this.#options.log.error({ err: error, task: item.task.id }, 'task failed unexpectedly')
          this.#settle(item, 'error', () => item.delivery.nack(true))
        })
        .finally(() => {
          this.#running.delete(item)
          this.#pump()
        })
      this.#running.set(item, work)
    }
  }

  async #work(item: Item): Promise<void> {
    const { settings, name, ollamaUrl } = this.#options
    const { task, delivery } = item
    const begun = await this.#begin(item)
    if (begun === undefined) return
    if (begun.state === 'settled' || begun.state === 'cancelled') {
      // Redelivered after its answer was saved. Should its event have been lost with the crash, the head check brings the answer.
      this.#settle(item, begun.state, () => delivery.ack())
      return
    }
    if (begun.state === 'exhausted') {
      await this.#apologise(item, 'attempts used up')
      return
    }
    const attempt = begun.state === 'go' ? begun.attempt : 1
    const partials = new Partials({ broker: this.#options.broker, worker: name, task, attempt, perSecond: settings.partialsPerSecond })
    const endTimer = this.#seconds.startTimer()
    const inference = await infer(task, {
      url: ollamaUrl,
      worker: name,
      attempt,
      takenAtMs: item.takenAtMs,
      settings,
      onText: (text, voided) => partials.update(text, voided),
      signal: this.#abort.signal,
    })
    partials.end()
    endTimer()
    if (inference.ok) {
      this.#tokens.inc(inference.tokens)
      await this.#deliver(item, inference.text, true, 'answered', () => delivery.ack())
    } else if (settings.failureHandling === 'article' && inference.failure.kind !== 'stopped') {
      // The article's way: whatever went wrong, a busy text is the answer and the task is gone.
      await this.#deliver(item, APOLOGY, false, 'article-apology', () => delivery.ack())
    } else await this.#failed(item, inference.failure, attempt)
  }

  /** Counts the attempt; waits for the database if it is away. undefined = this task is no longer ours. */
  async #begin({ task, delivery }: Item): Promise<Attempt | undefined> {
    const { settings, store, name, log } = this.#options
    if (!settings.chatStored) return { state: 'absent' }
    for (let tries = 1; ; tries++) {
      try {
        return await store.beginAttempt(task.id, name, settings.taskAttemptsMax)
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) throw error
        if (tries % 20 === 1) log.warn({ task: task.id, tries, reason: error.message }, 'attempt not counted: the task waits')
        if (this.#stop.signal.aborted || !delivery.alive()) {
          delivery.nack(true)
          return undefined
        }
        await pause(PROBE_EVERY_MS, this.#stop.signal)
      }
    }
  }

  async #failed(item: Item, failure: Failure, attempt: number): Promise<void> {
    const { settings, store, log } = this.#options
    log.warn({ task: item.task.id, attempt, ...failure }, 'inference failed')
    const settled = settlement(failure, { attempt, attemptsMax: settings.taskAttemptsMax, retryVerb: settings.retryVerb })
    if (failure.kind === 'server-down') this.#leaveService(`model server at ${new URL(this.#options.ollamaUrl).host}`)
    if (settled.action === 'give-up') {
      await this.#apologise(item, failure.detail)
      return
    }
    // The row first: whoever gets the task next must find it queued. If the database is away the count stays as it is: better one too many than endless.
    if (settings.chatStored)
      await store.giveBack(item.task.id, settled.refund).catch((error: Error) => log.warn({ reason: error.message }, 'row not given back'))
    this.#settle(item, failure.kind, () => (settled.verb === 'reject' ? item.delivery.reject(true) : item.delivery.nack(true)))
  }

  /** The visible error; then the task goes to the dead-letter queue. */
  #apologise(item: Item, reason: string): Promise<void> {
    this.#options.log.warn({ task: item.task.id, reason }, 'given up')
    return this.#deliver(item, APOLOGY, false, 'gave-up', () => item.delivery.reject(false))
  }

  async #deliver(item: Item, body: string, answered: boolean, outcome: string, settle: () => boolean): Promise<void> {
    const { settings, store, broker, log, name } = this.#options
    const over = () => this.#abort.signal.aborted
    const done = await deliverAnswer({ task: item.task, body, answered, worker: name, settings, store, broker, log, over })
    if (done === 'delivered') this.#settle(item, outcome, settle)
    else if (done === 'gone') this.#settle(item, 'cancelled', () => item.delivery.ack())
    else this.#settle(item, 'interrupted', () => item.delivery.nack(true))
  }

  #settle({ task }: Item, outcome: string, settle: () => boolean): void {
    this.#outcomes.inc({ outcome })
    if (settle()) return
    this.#late.inc()
    this.#options.log.warn({ task: task.id, outcome }, 'not settled: its channel is gone, the broker delivers it again')
  }

  #giveBackBuffer(): void {
    for (const { delivery } of this.#buffer.splice(0)) delivery.nack(true)
  }

  /** A worker whose model server is down must not take tasks: it would be the fastest of all, at failing. It comes back when the server answers. */
  #leaveService(reason: string): void {
    if (this.#outOfService !== undefined || this.#stop.signal.aborted) return
    this.#outOfService = reason
    this.#options.log.error({ reason }, 'out of service')
    void this.#comeBack()
  }

  async #comeBack(): Promise<void> {
    const { ollamaUrl, log } = this.#options
    await Promise.all(this.consumers.map(({ consumer }) => consumer.cancel()))
    this.#giveBackBuffer()
    while (!this.#stop.signal.aborted) {
      await pause(PROBE_EVERY_MS, this.#stop.signal)
      if (!(await modelServerAnswers(ollamaUrl)) || this.#stop.signal.aborted) continue
      this.#outOfService = undefined
      log.info('back in service')
      await Promise.all(this.consumers.map(({ consumer }) => consumer.resume().catch(() => undefined))) // If the channel fell meanwhile, its re-opening consumes.
      return
    }
  }
}

function parse(body: Buffer): Task | undefined {
  try {
    return Task.parse(JSON.parse(body.toString()))
  } catch {
    return undefined
  }
}
