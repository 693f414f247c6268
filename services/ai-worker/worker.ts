import { setMaxListeners } from 'node:events'
import { Cancelled } from '#contracts/events'
import type { Held, Readiness, TaskSteps, WorkerOrders } from '#contracts/http'
import { HELD_TASKS_MAX } from '#contracts/limits'
import { Task } from '#contracts/tasks'
import type { Consumer, Delivery } from '../kit/broker/types.ts'
import { pause } from '../kit/deadline.ts'
import { createFanOut } from '../kit/fan-out.ts'
import { readMessage } from '../kit/read-message.ts'
import type { Attempt } from '../kit/task-store.ts'
import { Attempts } from './attempts.ts'
import { Duty } from './duty.ts'
import { Ending, type Item } from './ending.ts'
import { type Failure, taskFailure } from './failures.ts'
import { CANCELLED, truncatedFrom } from './infer.ts'
import { type Meters, meters } from './meters.ts'
import { ModelServer } from './model-server/model-server.ts'
import type { RunningWorker, WorkerOptions } from './options.ts'
import { StepLog, Steps } from './steps.ts'
import { mustRenew } from './way-back.ts'

/** Buffers up to the prefetch and runs `workerSlots` tasks at a time, oldest first. */
export class Worker implements RunningWorker {
  readonly consumers = new Map<string, Consumer>()
  readonly #options: WorkerOptions
  readonly #server: ModelServer
  readonly #duty: Duty
  readonly #buffer: Item[] = []
  readonly #running = new Map<Item, Promise<void>>()
  /** Out of the buffer, and not yet back in their queue. */
  readonly #leaving = new Map<Item, Promise<void>>()
  readonly #stop = new AbortController()
  readonly #abort = new AbortController()
  readonly #meters: Meters
  readonly #ending: Ending
  readonly #attempts: Attempts
  readonly #stepLog = new StepLog()

  constructor(options: WorkerOptions) {
    this.#options = options
    const { registry, ollamaUrl: url, ollamaHeaders: headers, ollamaApiKey: apiKey = '', settings, log } = options
    // One listener per running inference, by design.
    setMaxListeners(0, this.#abort.signal, this.#stop.signal)
    this.#server = new ModelServer({ url, headers, apiKey, settings })
    const buffer = { giveBack: () => this.#giveBackBuffer(), goOn: () => this.#pump() }
    this.#duty = new Duty({
      server: this.#server,
      settings,
      consumers: this.consumers,
      log,
      registry,
      ...buffer,
      signal: this.#stop.signal,
    })
    this.#meters = meters(registry)
    const fanOut = createFanOut({ ...options, from: options.name })
    this.#ending = new Ending({
      ...options,
      fanOut,
      meters: this.#meters,
      stepLog: this.#stepLog,
      over: this.#abort.signal,
      keep: item => this.#keep(item),
    })
    this.#attempts = new Attempts({
      ...options,
      fanOut,
      server: this.#server,
      meters: this.#meters,
      over: this.#abort.signal,
      stop: this.#stop.signal,
      giveBack: item => this.#ending.giveBack(item, 'interrupted'),
    })
  }

  held(): Held {
    const queues: Held['queues'] = Object.fromEntries([...this.consumers.keys()].map(queue => [queue, { held: 0, running: 0 }]))
    const all = this.#held()
    for (const { queue } of all) queues[queue]!.held += 1
    for (const { queue } of this.#running.keys()) queues[queue]!.running += 1
    const consuming = [...this.consumers.values()].some(consumer => consumer.active)
    const oldest = all.length === 0 ? {} : { oldestMs: Math.max(...all.map(({ steps }) => steps.heldMs)) }
    return { worker: this.#options.name, consuming, queues, ...oldest }
  }

  listed(): NonNullable<Held['tasks']> {
    const listed = this.#held().slice(0, HELD_TASKS_MAX)
    return listed.map(({ task, steps }) => ({ task: task.id, heldMs: Math.round(steps.heldMs) }))
  }

  steps(after: number): TaskSteps[] {
    return this.#stepLog.after(after)
  }

  async order(orders: WorkerOrders): Promise<void> {
    const { settings } = this.#options
    const isOther = orders.workerPrefetchTasks !== settings.workerPrefetchTasks
    Object.assign(settings, orders)
    if (isOther) await this.#duty.renew()
    this.#pump()
  }

  ready(): Readiness {
    const idle = [...this.consumers].filter(([, consumer]) => !consumer.active).map(([queue]) => `consumer of ${queue}`)
    const missing = this.#duty.missing === undefined ? idle : [this.#duty.missing]
    return { ready: missing.length === 0, missing }
  }

  take(queue: string, delivery: Delivery): void {
    const task = readMessage(Task, delivery.body)
    if (task === undefined) {
      // Unreadable for every worker: a person finds it in the dead-letter queue.
      this.#meters.outcomes.inc({ outcome: 'unparsable' })
      this.#options.log.error({ queue, bytes: delivery.body.length, messageId: delivery.messageId }, 'not a task')
      delivery.reject(false)
      return
    }
    const item = { queue, delivery, task, steps: new Steps(), over: new AbortController() }
    if (mustRenew(delivery, this.#options.settings)) this.#leave(item, 'last-delivery')
    else this.#buffer.push(item)
    if (this.#duty.slots === 0 || this.#stop.signal.aborted) this.#giveBackBuffer()
    else this.#pump()
  }

  /** A task whose asker wants no answer any more. Those in the buffer find out at their turn. */
  cancelled(event: Buffer): void {
    const task = readMessage(Cancelled, event)?.task
    for (const item of this.#running.keys()) if (item.task.id === task) item.over.abort(CANCELLED)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await Promise.all([...this.consumers.values()].map(consumer => consumer.cancel()))
    this.#giveBackBuffer()
    const finished = Promise.all([...this.#running.values(), ...this.#leaving.values()])
    await Promise.race([finished, pause(this.#options.settings.drainMs)])
    this.#abort.abort()
    await finished
  }

  #held(): Item[] {
    // What the broker took back stays in the buffer until its turn: another worker holds it.
    const buffered = this.#buffer.filter(({ delivery }) => delivery.alive())
    return [...this.#running.keys(), ...this.#leaving.keys(), ...buffered]
  }

  #pump(): void {
    while (this.#running.size < this.#duty.slots && this.#buffer.length > 0) {
      const item = this.#buffer.shift()!
      // Its channel fell while it waited: the broker has given it to another worker, or will.
      if (!item.delivery.alive()) continue
      const work = this.#work(item)
        .catch((error: unknown) => {
          this.#options.log.error({ err: error, task: item.task.id }, 'task failed unexpectedly')
          return this.#ending.giveBack(item, 'error', true)
        })
        .finally(() => {
          this.#running.delete(item)
          this.#pump()
        })
      this.#running.set(item, work)
    }
  }

  async #work(item: Item): Promise<void> {
    const { settings, log } = this.#options
    const { task, delivery } = item
    const ran = await this.#attempts.run(item)
    if (ran === undefined) return
    const { begun, inference } = ran
    if (begun.state === 'settled' || begun.state === 'cancelled') {
      // Redelivered after its answer was saved. If the event was lost, the head check heals it.
      this.#ending.settle(item, begun.state, () => delivery.ack())
      return
    }
    if (begun.state === 'exhausted') {
      await this.#ending.apologise(item, 'attempts-used-up')
      return
    }
    if (inference === undefined) throw new Error('a task that was begun has an inference')
    if (inference.ok) {
      this.#duty.answered()
      this.#meters.tokens.inc(inference.tokens)
      const sentTokens = truncatedFrom(task.prompt, inference.promptTokens)
      if (sentTokens !== undefined)
        log.warn(
          { task: task.id, sentTokens, readTokens: inference.promptTokens },
          'the server read less than was sent: raise contextTokens',
        )
      await this.#ending.answer(item, inference.text, begun.state === 'go' ? begun.attempt : 1)
    } else if (settings.failureHandling === 'article' && inference.failure.code !== 'stopped' && inference.failure.code !== 'cancelled') {
      await this.#ending.articleApology(item)
    } else await this.#failed(item, inference.failure, begun)
  }

  async #failed(item: Item, failure: Failure, begun: Attempt): Promise<void> {
    const { settings, store, log } = this.#options
    const { attempt, counted } = begun.state === 'go' ? begun : { attempt: 1, counted: 1 }
    log.warn({ task: item.task.id, attempt, ...failure }, 'inference failed')
    const last = settings.taskAttemptsMax > 0 && counted >= settings.taskAttemptsMax
    const follows = await this.#duty.failed(item.task.id, failure, last)
    if (follows.task === 'drop') {
      this.#ending.settle(item, failure.code, () => item.delivery.ack())
      return
    }
    const usedUp = follows.task === 'counted' && last
    // Once its channel is gone another worker has it, and tells its end.
    if (item.delivery.alive() && (follows.task === 'end' || usedUp)) {
      await this.#ending.apologise(item, usedUp ? 'attempts-used-up' : taskFailure(failure))
      return
    }
    const free = follows.task === 'free'
    // The row first: the next worker must find it queued. Without a database the attempt counts.
    if (settings.chatStored) {
      const refund = follows.refund.length === 0 ? [] : [store.refund(follows.refund)]
      const given = [store.giveBack(item.task.id, attempt, free), ...refund]
      await Promise.all(given).catch((error: Error) => log.warn({ reason: error.message }, 'row not given back'))
    }
    await this.#ending.giveBack(item, failure.code, !free)
  }

  /** Acknowledged when it came, a task cannot go back: it stays here, unless the worker stops. */
  #keep(item: Item): void {
    if (!this.#stop.signal.aborted) this.#buffer.unshift(item)
  }

  #giveBackBuffer(): void {
    if (this.#options.settings.workerAck === 'automatic' && !this.#stop.signal.aborted) return
    for (const item of this.#buffer.splice(0)) {
      if (item.delivery.alive()) this.#leave(item, 'handed-back')
    }
  }

  #leave(item: Item, outcome: string): void {
    const leaving = this.#ending.giveBack(item, outcome).finally(() => this.#leaving.delete(item))
    this.#leaving.set(item, leaving)
  }
}
