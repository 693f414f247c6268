import type { ModelTask } from './model.ts'

/** The outbox of `userTasksAtOnce`: a user's tasks beyond the limit wait outside the queue. */
export class UserLimit {
  readonly #tasks: readonly ModelTask[]
  readonly #atOnce: number
  readonly #users = new Map<string, { open: number; waiting: number[] }>()

  /** @param atOnce 0 = all */
  constructor(tasks: readonly ModelTask[], atOnce: number) {
    this.#tasks = tasks
    this.#atOnce = atOnce
  }

  /** @returns whether the task goes to the queue now; otherwise it waits here. */
  asks(task: number): boolean {
    const own = this.#of(task)
    if (own === undefined) return true
    if (own.open >= this.#atOnce) {
      own.waiting.push(task)
      return false
    }
    own.open++
    return true
  }

  /** @returns the task of the same user that may go to the queue now. */
  settled(task: number): number | undefined {
    const own = this.#of(task)
    const next = own?.waiting.shift()
    if (own !== undefined && next === undefined) own.open--
    return next
  }

  #of(task: number): { open: number; waiting: number[] } | undefined {
    const user = this.#tasks[task]?.user
    if (user === undefined || this.#atOnce === 0) return undefined
    const own = this.#users.get(user) ?? { open: 0, waiting: [] }
    this.#users.set(user, own)
    return own
  }
}
