/** Every message of a run by its number: when it was sent, confirmed and seen, and how often. */

const NUMBERS = 1 << 21

/** The result of a run's messages. */
export interface Tally {
  sent: number
  seen: number
  /** Confirmed to the sender; 0 where the system confirms nothing. */
  stored: number
  lost: number
  duplicates: number
  /** Seen after one that the same sender sent later. */
  reordered: number
}

export class Ledger {
  readonly #sentMs = new Float64Array(NUMBERS)
  readonly #seenMs = new Float64Array(NUMBERS)
  readonly #sender = new Uint32Array(NUMBERS)
  readonly #stored = new Uint8Array(NUMBERS)
  readonly #newestOf: Int32Array
  #next = 0
  #duplicates = 0
  #reordered = 0
  #seen = 0
  #storedCount = 0

  constructor(senders: number) {
    this.#newestOf = new Int32Array(senders).fill(-1)
  }

  get outstanding(): number {
    return this.#next - this.#seen
  }

  get isFull(): boolean {
    return this.#next === NUMBERS
  }

  get unconfirmed(): number {
    return this.#next - this.#storedCount
  }

  /** @returns the message's number */
  sent(sender: number, nowMs: number): number {
    const number = this.#next
    this.#next += 1
    this.#sentMs[number] = nowMs
    this.#sender[number] = sender
    return number
  }

  senderOf(number: number): number {
    return this.#sender[number]!
  }

  confirmed(number: number): void {
    this.#storedCount += 1 - this.#stored[number]!
    this.#stored[number] = 1
  }

  /** @returns whether it is the first time */
  seen(number: number, nowMs: number): boolean {
    if (this.#seenMs[number] !== 0) {
      this.#duplicates += 1
      return false
    }
    const sender = this.#sender[number]!
    if (this.#newestOf[sender]! > number) this.#reordered += 1
    else this.#newestOf[sender] = number
    this.#seenMs[number] = nowMs
    this.#seen += 1
    return true
  }

  /** From sent to seen, of what was seen between two instants. Milliseconds. */
  latenciesBetween(fromMs: number, toMs: number): Float64Array {
    const latencies = new Float64Array(this.#next)
    let count = 0
    for (let number = 0; number < this.#next; number += 1) {
      const seenMs = this.#seenMs[number]!
      if (seenMs < fromMs || seenMs >= toMs) continue
      latencies[count] = seenMs - this.#sentMs[number]!
      count += 1
    }
    return latencies.subarray(0, count)
  }

  tally(): Tally {
    return {
      sent: this.#next,
      seen: this.#seen,
      stored: this.#storedCount,
      lost: this.#next - this.#seen,
      duplicates: this.#duplicates,
      reordered: this.#reordered,
    }
  }
}
