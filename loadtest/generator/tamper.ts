/** The test switch: records of shown messages are falsified, and a check must notice. */

export type TamperKind = 'drop' | 'duplicate' | 'swap'

export interface TamperPlan {
  kind: TamperKind
  /** Every n-th message that reaches its addressee. */
  every: number
}

/** One for all devices of a thread. */
export class Tamper {
  readonly #plan: TamperPlan
  #seen = 0
  /** Held back until the next of its key: the swap. */
  readonly #held = new Map<string, () => void>()

  constructor(plan: TamperPlan) {
    this.#plan = plan
  }

  /** @param key the device's conversation @param counts whether it counts @param show records it */
  pass(key: string, counts: boolean, show: () => void): void {
    if (counts) this.#seen += 1
    const held = this.#held.get(key)
    if (held !== undefined) {
      show()
      this.#held.delete(key)
      held()
      return
    }
    const chosen = counts && this.#seen % this.#plan.every === 0
    if (chosen && this.#plan.kind === 'drop') return
    if (chosen && this.#plan.kind === 'swap') {
      this.#held.set(key, show)
      return
    }
    show()
    if (chosen) show()
  }
  /** Shows what waited in vain for another of its key: it was the last. */
  flush(): void {
    for (const show of this.#held.values()) show()
    this.#held.clear()
  }
}
