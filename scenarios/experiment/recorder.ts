import type { SendOutcome } from '#client'
import type { MessageFrame } from '#contracts/frames'
import type { EventOf, HistoryEvent } from '#evidence/history'
import { hostMs, hostNowMs } from '../lab/clock.ts'

type WithoutTime<E> = E extends HistoryEvent ? Omit<E, 'atMs'> : never

/** Writes down what happens in one arm, on one clock that starts with it. Append-only. */
export class Recorder {
  readonly events: HistoryEvent[] = []
  /** Start of its clock, on the host's. Milliseconds. */
  readonly zeroMs: number

  constructor(zeroMs = hostNowMs()) {
    this.zeroMs = zeroMs
  }

  /** Since the arm began. Milliseconds. */
  nowMs(): number {
    return hostNowMs() - this.zeroMs
  }

  /** An instant of this host's clock, in nanoseconds as a decimal string, on the arm's clock. */
  fromHostNs(ns: string): number {
    return hostMs(ns) - this.zeroMs
  }

  /** The same in milliseconds, as `hostNowMs` has it. */
  fromHostMs(ms: number): number {
    return ms - this.zeroMs
  }

  record(event: WithoutTime<HistoryEvent>, atMs = this.nowMs()): void {
    // Omit distributes over the union; the spread loses that.
    this.events.push({ ...event, atMs } as HistoryEvent)
  }

  /** A send's outcome. */
  outcome(send: Pick<EventOf<'send'>, 'user' | 'device' | 'clientMessageId'>, outcome: SendOutcome): void {
    if (outcome.state === 'stored') {
      const { conversation, seq, task } = outcome
      this.record({ kind: 'stored', ...send, conversation, seq, ...(task === undefined ? {} : { task }) })
    } else if (outcome.state === 'refused') this.record({ kind: 'refused', ...send, code: outcome.code })
    else this.record({ kind: 'unknown', ...send })
  }

  /** A device showed a message. */
  shown(device: { user: string; device: string }, frame: MessageFrame, atMs = this.nowMs()): void {
    const { conversation, seq, sender, to, clientMessageId, task, answered } = frame
    const about = { ...(task === undefined ? {} : { task }), ...(answered === undefined ? {} : { answered }) }
    this.record({ kind: 'shown', ...device, conversation, seq, sender, to, clientMessageId, ...about }, atMs)
  }
}
