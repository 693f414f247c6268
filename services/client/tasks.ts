import type { MessageFrame } from '#contracts/frames'
import type { AnswerOutcome, Frame } from './types.ts'

const ENDED_MAX = 1_000

/** How a `cancel` went. `refused` is mostly UNKNOWN_TASK: it was answered already. */
export type CancelOutcome =
  | { state: 'cancelled' }
  | { state: 'refused'; code: Frame<'refused'>['code']; detail: string }
  | { state: 'unknown' }

type Waiter = (outcome: AnswerOutcome) => void

/** Who waits for which task. Keeps tasks that ended lately: a fast answer may precede the wait. */
export class Tasks {
  readonly #waiters = new Map<string, Set<Waiter>>()
  readonly #cancels = new Map<string, Set<(outcome: CancelOutcome) => void>>()
  readonly #ended = new Map<string, AnswerOutcome>()

  /** Resolves when the task ended. `withinMs` bounds the wait: then `unknown`. */
  answer(task: string, withinMs: number | undefined): Promise<AnswerOutcome> {
    const ended = this.#ended.get(task)
    if (ended !== undefined) return Promise.resolve(ended)
    const { promise, resolve } = Promise.withResolvers<AnswerOutcome>()
    const waiters = this.#waiters.get(task) ?? new Set()
    this.#waiters.set(task, waiters.add(resolve))
    if (withinMs === undefined) return promise
    const timer = setTimeout(() => {
      waiters.delete(resolve)
      resolve({ state: 'unknown', task, detail: `no answer within ${withinMs} ms` })
    }, withinMs)
    return promise.finally(() => clearTimeout(timer))
  }

  cancel(task: string, withinMs: number): Promise<CancelOutcome> {
    const { promise, resolve } = Promise.withResolvers<CancelOutcome>()
    const waiters = this.#cancels.get(task) ?? new Set()
    this.#cancels.set(task, waiters.add(resolve))
    const timer = setTimeout(() => resolve({ state: 'unknown' }), withinMs)
    return promise.finally(() => {
      clearTimeout(timer)
      waiters.delete(resolve)
      if (waiters.size === 0) this.#cancels.delete(task)
    })
  }

  answered(task: string, message: MessageFrame): void {
    this.#end(task, { state: message.answered === false ? 'apology' : 'answered', task, message })
    this.#settleCancels(task, { state: 'refused', code: 'UNKNOWN_TASK', detail: 'it was answered already' })
  }

  /** A refusal that is about a task and not about a send. true = the task was cancelled. */
  refused(frame: Frame<'refused'>): boolean {
    const cancelled = frame.code === 'CANCELLED'
    if (cancelled) this.#end(frame.ref, { state: 'cancelled', task: frame.ref })
    this.#settleCancels(frame.ref, cancelled ? { state: 'cancelled' } : { state: 'refused', code: frame.code, detail: frame.detail })
    return cancelled
  }

  /** The client ends: nobody waits on. */
  close(detail: string): void {
    for (const [task, waiters] of this.#waiters) for (const resolve of waiters) resolve({ state: 'unknown', task, detail })
    this.#waiters.clear()
    for (const waiters of this.#cancels.values()) for (const resolve of waiters) resolve({ state: 'unknown' })
  }

  #end(task: string, outcome: AnswerOutcome): void {
    this.#ended.set(task, outcome)
    if (this.#ended.size > ENDED_MAX) for (const oldest of this.#ended.keys()) if (this.#ended.delete(oldest)) break
    for (const resolve of this.#waiters.get(task) ?? []) resolve(outcome)
    this.#waiters.delete(task)
  }

  #settleCancels(task: string, outcome: CancelOutcome): void {
    for (const resolve of this.#cancels.get(task) ?? []) resolve(outcome)
  }
}
