/** What is to be written when all that has come was read: one write for each socket. */
export class WireTurn {
  #waiting: { flush(): void }[] = []

  /** @param sender not waiting yet */
  add(sender: { flush(): void }): void {
    if (this.#waiting.push(sender) > 1) return
    setImmediate(() => {
      const all = this.#waiting
      this.#waiting = []
      for (const each of all) each.flush()
    })
  }
}
