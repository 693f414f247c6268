import { apologyFor, type Task, type TaskFailure } from '#contracts/tasks'
import type { Delivery } from '../kit/broker/types.ts'
import type { FanOut } from '../kit/fan-out.ts'
import { deliverAnswer } from './answer.ts'
import type { Meters } from './meters.ts'
import type { WorkerOptions } from './options.ts'
import type { StepLog, Steps } from './steps.ts'
import { wayBack } from './way-back.ts'

export interface Item {
  queue: string
  delivery: Delivery
  task: Task
  steps: Steps
  /** Ends its inference, nobody else's. */
  over: AbortController
}

export interface EndingOptions extends WorkerOptions {
  meters: Meters
  stepLog: StepLog
  fanOut: FanOut
  /** Aborted when the worker stops and has no time left. */
  over: AbortSignal
  /** Takes a task that cannot go back to the broker, which counts it as done. */
  keep(item: Item): void
}

/** How a delivery ends: answer, apology or requeue. Each is settled once, on its own channel. */
export class Ending {
  readonly #options: EndingOptions

  constructor(options: EndingOptions) {
    this.#options = options
  }

  /** Saves and publishes the answer, then acknowledges. */
  answer(item: Item, text: string, attempt: number): Promise<void> {
    return this.#deliver(item, text, undefined, 'answered', () => {
      this.#options.stepLog.add(item.steps.done(item.task.id, attempt))
      return item.delivery.ack()
    })
  }

  /** The visible error; then the task goes to the dead-letter queue. */
  apologise(item: Item, why: TaskFailure): Promise<void> {
    const { log, settings } = this.#options
    log.warn({ task: item.task.id, reason: why }, 'given up')
    return this.#deliver(item, apologyFor(why, settings), why, 'gave-up', () => item.delivery.reject(false))
  }

  /** The article's way: whatever went wrong, a busy text is the answer and the task is gone. */
  articleApology(item: Item): Promise<void> {
    const text = this.#options.settings.apologyText
    return this.#deliver(item, text, 'attempts-used-up', 'article-apology', () => item.delivery.ack())
  }

  /** Never throws. @param counted its attempt counts. */
  async giveBack(item: Item, outcome: string, counted = false): Promise<void> {
    const { settings, over, log, keep } = this.#options
    if (settings.workerAck === 'automatic') return keep(item)
    try {
      const settle = await wayBack(item.delivery, counted, this.#options)
      if (settle === undefined && !over.aborted) await this.apologise(item, 'attempts-used-up')
      else this.settle(item, outcome, settle ?? (() => item.delivery.nack(true)))
    } catch (error) {
      log.error({ err: error, task: item.task.id }, 'given back without a word to its asker')
      item.delivery.nack(true)
    }
  }

  settle({ task }: Item, outcome: string, settle: () => boolean): void {
    const { meters, log } = this.#options
    meters.outcomes.inc({ outcome })
    if (settle()) return
    meters.late.inc()
    log.warn({ task: task.id, outcome }, 'not settled: its channel is gone, the broker delivers it again')
  }

  async #deliver(item: Item, body: string, failure: TaskFailure | undefined, outcome: string, settle: () => boolean): Promise<void> {
    const { settings, store, fanOut, log, name: worker, over } = this.#options
    const saved = () => item.steps.saved()
    const done = await deliverAnswer({
      task: item.task,
      saved,
      body,
      failure,
      worker,
      settings,
      store,
      fanOut,
      log,
      over: () => over.aborted,
    })
    if (done === 'delivered') this.settle(item, outcome, settle)
    else if (done === 'gone') this.settle(item, 'cancelled', () => item.delivery.ack())
    else await this.giveBack(item, 'interrupted')
  }
}
