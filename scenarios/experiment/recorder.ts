import type { HistoryEvent } from '#evidence/history'
import { hostMs, hostNowMs } from '../lab/clock.ts'

type WithoutTime<E> = E extends HistoryEvent ? Omit<E, 'atMs'> : never

/** Writes down what happens in one arm, on one clock that starts with it. Append-only. */
export class Recorder {
  readonly events: HistoryEvent[] = []
  readonly #zeroMs = hostNowMs()

  /** Since the arm began. Milliseconds. */
  nowMs(): number {
    return hostNowMs() - this.#zeroMs
  }

  /** An instant of this host's clock, in nanoseconds as a decimal string, on the arm's clock. */
  fromHostNs(ns: string): number {
    return hostMs(ns) - this.#zeroMs
  }

  /** The same in milliseconds, as `hostNowMs` has it. */
  fromHostMs(ms: number): number {
    return ms - this.#zeroMs
  }

  record(event: WithoutTime<HistoryEvent>, atMs = this.nowMs()): void {
    // Omit distributes over the union; the spread loses that.
    this.events.push({ ...event, atMs } as HistoryEvent)
  }
}
