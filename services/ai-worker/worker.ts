import { setMaxListeners } from 'node:events'
import type { z } from 'zod'
import { Cancelled } from '#contracts/events'
import type { LoadingFrame } from '#contracts/frames'
import type { Held, Readiness } from '#contracts/http'
import { APOLOGIES, Task, type TaskFailure } from '#contracts/tasks'
import type { Consumer, Delivery } from '../kit/broker.ts'
import { StoreUnavailable } from '../kit/database.ts'
import { pause } from '../kit/deadline.ts'
import type { Attempt } from '../kit/task-store.ts'
import { deliverAnswer } from './answer.ts'
import { Duty } from './duty.ts'
import { type Failure, taskFailure } from './failures.ts'
import type { RunningWorker, WorkerOptions } from './index.ts'
import { CANCELLED, infer, truncatedFrom } from './infer.ts'
import { type Meters, meters } from './meters.ts'
import { ModelServer } from './model-server.ts'
import { Partials, tellAsker } from './partials.ts'

interface Item {
  queue: string
  delivery: Delivery
  task: Task
  /** When it was delivered, on `performance.now()`. */
  takenAtMs: number
  /** Ends its inference, nobody else's. */
  over: AbortController
}

/** Pause between two looks at a database that is away. Milliseconds. */
const RETRY_MS = 500

/** Takes tasks into a buffer (as many as the prefetch lets in) and works on `workerSlots` of them at a time, oldest first. */
export class Worker implements RunningWorker {
  readonly consumers = new Map<string, Consumer>()
  readonly #options: WorkerOptions
  readonly #server: ModelServer
  readonly #duty: Duty
  readonly #buffer: Item[] = []
  readonly #running = new Map<Item, Promise<void>>()
  readonly #stop = new AbortController()
  readonly #abort = new AbortController()
  readonly #meters: Meters

  constructor(options: WorkerOptions) {
    this.#options = options
    const { registry, ollamaUrl: url, ollamaHeaders: headers, settings, log } = options
    // One listener per running inference, by design.
    setMaxListeners(0, this.#abort.signal, this.#stop.signal)
    this.#server = new ModelServer({ url, headers, settings })
    const [giveBack, signal] = [() => this.#giveBackBuffer(), this.#stop.signal]
    this.#duty = new Duty({ server: this.#server, settings, consumers: this.consumers, log, registry, giveBack, signal })
    this.#meters = meters(registry)
  }

  held(): Held {
    const queues: Held['queues'] = Object.fromEntries([...this.consumers.keys()].map(queue => [queue, { held: 0, running: 0 }]))
    for (const { queue } of this.#buffer) queues[queue]!.held += 1
    for (const { queue } of this.#running.keys()) {
      queues[queue]!.held += 1
      queues[queue]!.running += 1
    }
    return { worker: this.#options.name, consuming: [...this.consumers.values()].some(consumer => consumer.active), queues }
  }

  ready(): Readiness {
    const idle = [...this.consumers].filter(([, consumer]) => !consumer.active).map(([queue]) => `consumer of ${queue}`)
    const missing = this.#duty.missing === undefined ? idle : [this.#duty.missing]
    return { ready: missing.length === 0, missing }
  }

  take(queue: string, delivery: Delivery): void {
    const task = read(Task, delivery.body)
    if (task === undefined) {
      // Nobody can answer it, now or later: to the dead-letter queue, where a person can look at it.
      this.#meters.outcomes.inc({ outcome: 'unparsable' })
      this.#options.log.error({ queue, bytes: delivery.body.length, messageId: delivery.messageId }, 'not a task')
      delivery.reject(false)
      return
    }
    this.#buffer.push({ queue, delivery, task, takenAtMs: performance.now(), over: new AbortController() })
    if (this.#duty.slots === 0 || this.#stop.signal.aborted) this.#giveBackBuffer()
    else this.#pump()
  }

  /** A task whose asker wants no answer any more. Those in the buffer find out at their turn. */
  cancelled(event: Buffer): void {
    const task = read(Cancelled, event)?.task
    for (const item of this.#running.keys()) if (item.task.id === task) item.over.abort(CANCELLED)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await Promise.all([...this.consumers.values()].map(consumer => consumer.cancel()))
    this.#giveBackBuffer()
    const finished = Promise.all(this.#running.values())
    await Promise.race([finished, pause(this.#options.settings.drainMs)])
    this.#abort.abort()
    await finished
  }

  #pump(): void {
    while (this.#running.size < this.#duty.slots && this.#buffer.length > 0) {
      const item = this.#buffer.shift()!
      // Its channel fell while it waited: the broker has given it to another worker, or will.
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
    const { settings, broker, name, log } = this.#options
    const { task, delivery } = item
    const begun = await this.#begin(item)
    if (begun === undefined) return
    if (begun.state === 'settled' || begun.state === 'cancelled') {
      // Redelivered after its answer was saved. Should its event have been lost with the crash, the head check brings the answer.
      this.#settle(item, begun.state, () => delivery.ack())
      return
    }
    if (begun.state === 'exhausted') {
      await this.#apologise(item, 'attempts-used-up')
      return
    }
    const attempt = begun.state === 'go' ? begun.attempt : 1
    const partials = new Partials({ broker, worker: name, task, attempt, perSecond: settings.partialsPerSecond })
    const endTimer = this.#meters.seconds.startTimer()
    const inference = await infer(task, {
      server: this.#server,
      worker: name,
      attempt,
      takenAtMs: item.takenAtMs,
      settings,
      onText: (text, voided) => partials.update(text, voided),
      onLoading: () => this.#tellLoading(task),
      signal: AbortSignal.any([this.#abort.signal, item.over.signal]),
    })
    partials.end()
    endTimer()
    if (inference.ok) {
      this.#duty.answered()
      this.#meters.tokens.inc(inference.tokens)
      const sentTokens = truncatedFrom(task.prompt, inference.promptTokens)
      if (sentTokens !== undefined)
        log.warn(
          { task: task.id, sentTokens, readTokens: inference.promptTokens },
          'the server read less than was sent: raise contextTokens',
        )
      await this.#deliver(item, inference.text, undefined, 'answered', () => delivery.ack())
    } else if (settings.failureHandling === 'article' && inference.failure.code !== 'stopped' && inference.failure.code !== 'cancelled') {
      // The article's way: whatever went wrong, a busy text is the answer and the task is gone.
      await this.#deliver(item, APOLOGIES['attempts-used-up'], 'attempts-used-up', 'article-apology', () => delivery.ack())
    } else await this.#failed(item, inference.failure, begun)
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
        await pause(RETRY_MS, this.#stop.signal)
      }
    }
  }

  async #failed(item: Item, failure: Failure, begun: Attempt): Promise<void> {
    const { settings, store, log } = this.#options
    const { attempt, counted } = begun.state === 'go' ? begun : { attempt: 1, counted: 1 }
    log.warn({ task: item.task.id, attempt, ...failure }, 'inference failed')
    const last = settings.taskAttemptsMax > 0 && counted >= settings.taskAttemptsMax
    const follows = await this.#duty.failed(item.task.id, failure, last)
    if (follows.task === 'drop') {
      this.#settle(item, failure.code, () => item.delivery.ack())
      return
    }
    const usedUp = follows.task === 'counted' && last
    if (follows.task === 'end' || usedUp) {
      await this.#apologise(item, usedUp ? 'attempts-used-up' : taskFailure(failure))
      return
    }
    const free = follows.task === 'free'
    // The row first: the worker that gets the task next must find it queued. If the database is away the count stays as it is: better one too many than endless.
    if (settings.chatStored) {
      const given = [store.giveBack(item.task.id, free), ...(follows.refund.length === 0 ? [] : [store.refund(follows.refund)])]
      await Promise.all(given).catch((error: Error) => log.warn({ reason: error.message }, 'row not given back'))
    }
    // RabbitMQ 4.3 counts a rejected task towards the queue's delivery limit and a nacked one never; up to 4.2 both count. https://www.rabbitmq.com/docs/nack
    this.#settle(item, failure.code, () => (free || settings.retryVerb === 'nack' ? item.delivery.nack(true) : item.delivery.reject(true)))
  }

  /** The visible error; then the task goes to the dead-letter queue. */
  #apologise(item: Item, why: TaskFailure): Promise<void> {
    this.#options.log.warn({ task: item.task.id, reason: why }, 'given up')
    return this.#deliver(item, APOLOGIES[why], why, 'gave-up', () => item.delivery.reject(false))
  }

  async #deliver(item: Item, body: string, failure: TaskFailure | undefined, outcome: string, settle: () => boolean): Promise<void> {
    const { settings, store, broker, log, name } = this.#options
    const over = () => this.#abort.signal.aborted
    const done = await deliverAnswer({ task: item.task, body, failure, worker: name, settings, store, broker, log, over })
    if (done === 'delivered') this.#settle(item, outcome, settle)
    else if (done === 'gone') this.#settle(item, 'cancelled', () => item.delivery.ack())
    else this.#settle(item, 'interrupted', () => item.delivery.nack(true))
  }

  #tellLoading({ id: task, message: { conversation, sender } }: Task): void {
    const { broker, name, log, settings } = this.#options
    log.info({ task, model: settings.model }, 'the server loads the model')
    const frame: LoadingFrame = { type: 'loading', task, conversation }
    tellAsker(broker, name, sender, frame)
  }

  #settle({ task }: Item, outcome: string, settle: () => boolean): void {
    this.#meters.outcomes.inc({ outcome })
    if (settle()) return
    this.#meters.late.inc()
    this.#options.log.warn({ task: task.id, outcome }, 'not settled: its channel is gone, the broker delivers it again')
  }

  #giveBackBuffer(): void {
    for (const { delivery } of this.#buffer.splice(0)) delivery.nack(true)
  }
}

/** undefined for what is not of this form. */
function read<T>(schema: z.ZodType<T>, body: Buffer): T | undefined {
  try {
    return schema.parse(JSON.parse(body.toString()))
  } catch {
    return undefined
  }
}
