import type { LoadingFrame } from '#contracts/frames'
import type { Task } from '#contracts/tasks'
import { StoreUnavailable } from '../kit/database.ts'
import { pause } from '../kit/deadline.ts'
import type { FanOut } from '../kit/fan-out.ts'
import type { Attempt } from '../kit/task-store.ts'
import type { Item } from './ending.ts'
import { type Inference, infer } from './infer.ts'
import type { Meters } from './meters.ts'
import type { ModelServer } from './model-server/model-server.ts'
import type { WorkerOptions } from './options.ts'
import { Partials } from './partials.ts'

/** Pause between two looks at a database that is away. Milliseconds. */
const RETRY_MS = 500
/** A request waits this long for its last byte. Milliseconds. */
const EARLY_MS = 50

export interface AttemptsOptions extends WorkerOptions {
  server: ModelServer
  fanOut: FanOut
  meters: Meters
  /** Ends inferences. */
  over: AbortSignal
  /** The worker stops: nothing new begins. */
  stop: AbortSignal
  giveBack(item: Item): Promise<void>
}

/** Counts an attempt, then lets its inference begin. */
export class Attempts {
  readonly #options: AttemptsOptions

  constructor(options: AttemptsOptions) {
    this.#options = options
  }

  /** undefined: this task is no longer ours. `inference` undefined: there is nothing to infer. */
  async run(item: Item): Promise<{ begun: Attempt; inference?: Exclude<Inference, 'not-begun'> } | undefined> {
    const counting = this.#begin(item)
    const early = this.#inferEarly(item, counting)
    const begun = await counting
    if (begun === undefined) return undefined
    item.steps.counted()
    if (begun.state !== 'go' && begun.state !== 'absent') return { begun }
    const first = await early
    const inference = first === 'not-begun' ? await this.#infer(item, begun.state === 'go' ? begun.attempt : 1) : first
    if (inference === 'not-begun') throw new Error('an inference without a condition was not begun')
    item.steps.ended()
    return { begun, inference }
  }

  /** While the attempt is counted the request is sent but for its last byte: no model can begin.
   *  A first delivery is nearly always the first attempt; otherwise the request is dropped. */
  async #inferEarly(item: Item, counting: Promise<Attempt | undefined>): Promise<Inference> {
    const { redelivered, deliveryCount = 0 } = item.delivery
    const { settings, server } = this.#options
    // A server that may have to load its model is asked about that first, once.
    if (redelivered || deliveryCount > 0 || !settings.chatStored || !server.surelyLoaded) return 'not-begun'
    const counted = counting.then(begun => begun?.state === 'go' && begun.attempt === 1)
    return this.#infer(item, 1, Promise.race([counted, pause(EARLY_MS).then(() => false)]))
  }

  async #infer(item: Item, attempt: number, go?: Promise<boolean>): Promise<Inference> {
    const { settings, name: worker, server, fanOut, meters, over } = this.#options
    const { task, steps } = item
    const partials = new Partials({ fanOut, task, attempt, perSecond: settings.partialsPerSecond })
    const endTimer = meters.seconds.startTimer()
    const inference = await infer(task, {
      server,
      worker,
      attempt,
      steps,
      settings,
      onText: (text, voided) => partials.update(text, voided),
      onLoading: () => this.#tellLoading(task),
      signal: AbortSignal.any([over, item.over.signal]),
      go,
    })
    partials.end()
    if (inference !== 'not-begun') endTimer()
    return inference
  }

  /** Counts the attempt; waits for the database. undefined = this task is no longer ours. */
  async #begin(item: Item): Promise<Attempt | undefined> {
    const { settings, store, name, log, stop, giveBack } = this.#options
    const { task, delivery } = item
    if (!settings.chatStored) return { state: 'absent' }
    for (let tries = 1; ; tries++) {
      try {
        return await store.beginAttempt(task.id, name, settings.taskAttemptsMax)
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) throw error
        if (tries % 20 === 1) log.warn({ task: task.id, tries, reason: error.message }, 'attempt not counted: the task waits')
        if (stop.aborted || !delivery.alive()) {
          await giveBack(item)
          return undefined
        }
        await pause(RETRY_MS, stop)
      }
    }
  }

  #tellLoading({ id: task, message: { conversation, sender } }: Task): void {
    const { log, settings, fanOut } = this.#options
    log.info({ task, model: settings.model }, 'the server loads the model')
    const frame: LoadingFrame = { type: 'loading', task, conversation }
    fanOut.tell([{ to: [sender], frame }])
  }
}
