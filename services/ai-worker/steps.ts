import type { TaskSteps } from '#contracts/http'

/** Entries that are kept. About 200 bytes each. */
const KEPT = 20_000

/** The instants of one task here, on the host's clock. Nanoseconds. */
export class Steps {
  readonly #takenAt = process.hrtime.bigint()
  #countedAt = 0n
  #askedAt = 0n
  #endedAt = 0n
  #savedAt = 0n

  /** Since it was delivered. Milliseconds. */
  get heldMs(): number {
    return Number(process.hrtime.bigint() - this.#takenAt) / 1e6
  }

  counted(): void {
    this.#countedAt = process.hrtime.bigint()
  }

  asked(): void {
    this.#askedAt = process.hrtime.bigint()
  }

  ended(): void {
    this.#endedAt = process.hrtime.bigint()
  }

  saved(): void {
    this.#savedAt = process.hrtime.bigint()
  }

  /** The answer is confirmed: the task is done. */
  done(task: string, attempt: number): Omit<TaskSteps, 'index'> {
    return {
      task,
      attempt,
      takenAtNs: String(this.#takenAt),
      countedAtNs: String(this.#countedAt),
      askedAtNs: String(this.#askedAt),
      endedAtNs: String(this.#endedAt),
      savedAtNs: String(this.#savedAt),
      confirmedAtNs: String(process.hrtime.bigint()),
    }
  }
}

/** What the newest answered tasks did when: for the lab's reports, no decision reads it. */
export class StepLog {
  readonly #steps: TaskSteps[] = []
  #next = 0

  add(steps: Omit<TaskSteps, 'index'>): void {
    this.#steps[this.#next % KEPT] = { index: this.#next, ...steps }
    this.#next += 1
  }

  /** Those with a higher index, oldest first. */
  after(index: number): TaskSteps[] {
    const found: TaskSteps[] = []
    for (let at = Math.max(index + 1, this.#next - KEPT, 0); at < this.#next; at += 1) {
      const steps = this.#steps[at % KEPT]
      if (steps !== undefined) found.push(steps)
    }
    return found
  }
}
