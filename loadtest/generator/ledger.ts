import type { HistoryEvent } from '#evidence/history'
import type { DeviceSpec, SentRecord, Tick } from './messages.ts'
import { WireIds } from './wire-ids.ts'

/** What a thread's wire devices sent and showed, in columns: an object for each of several events a
 *  message would cost more than the message. The history's form is made once the run is over. */

const MEASURED = 1
/** Stored, refused for good, or given up. */
const SETTLED = 2
/** Seen by its recipient, or failed. */
const ENDED = 4

export interface LedgerDevice {
  spec: DeviceSpec
  to: string
  conversation: string
}

export class Ledger {
  readonly ids = new WireIds()
  /** Called when a message has reached its recipient or failed. */
  onEnd: (number: number) => void = () => undefined
  readonly #devices: LedgerDevice[] = []
  #sent = 0
  #shown = 0
  #oldestUnsettled = 0
  #dueMs = new Float64Array(1_024)
  #sentMs = new Float64Array(1_024)
  #wallMs = new Float64Array(1_024)
  #storedMs = new Float64Array(1_024)
  #seenMs = new Float64Array(1_024)
  #storedSeq = new Uint32Array(1_024)
  #sender = new Uint32Array(1_024)
  #flags = new Uint8Array(1_024)
  readonly #failed = new Map<number, { code: string; atMs: number }>()
  #shownMs = new Float64Array(1_024)
  #shownBy = new Uint32Array(1_024)
  #shownNumber = new Uint32Array(1_024)
  #shownSeq = new Uint32Array(1_024)
  #tick: Tick = { offered: 0, stored: 0, delivered: 0, failed: 0, latencyMs: [] }

  /** @returns the device's number */
  join(device: LedgerDevice): number {
    return this.#devices.push(device) - 1
  }

  /** @returns the number of a message that is about to be sent */
  add(sender: number, dueMs: number, nowMs: number, measured: boolean): number {
    const number = this.#sent
    if (number === this.#dueMs.length) {
      this.#dueMs = grown(this.#dueMs, new Float64Array(2 * number))
      this.#sentMs = grown(this.#sentMs, new Float64Array(2 * number))
      this.#wallMs = grown(this.#wallMs, new Float64Array(2 * number))
      this.#storedMs = grown(this.#storedMs, new Float64Array(2 * number))
      this.#seenMs = grown(this.#seenMs, new Float64Array(2 * number))
      this.#storedSeq = grown(this.#storedSeq, new Uint32Array(2 * number))
      this.#sender = grown(this.#sender, new Uint32Array(2 * number))
      this.#flags = grown(this.#flags, new Uint8Array(2 * number))
    }
    this.#sent += 1
    this.#dueMs[number] = dueMs
    this.#sentMs[number] = nowMs
    this.#wallMs[number] = Date.now()
    this.#sender[number] = sender
    if (measured) {
      this.#flags[number] = MEASURED
      this.#tick.offered += 1
    }
    return number
  }

  wallMs(number: number): number {
    return this.#wallMs[number]!
  }

  sentMs(number: number): number {
    return this.#sentMs[number]!
  }

  senderOf(number: number): number {
    return this.#sender[number]!
  }

  has(number: number): boolean {
    return number >= 0 && number < this.#sent
  }

  hasEnded(number: number): boolean {
    return (this.#flags[number]! & ENDED) !== 0
  }

  /** @returns whether it was on its way until now */
  stored(number: number, seq: number, atMs: number): boolean {
    if (!this.#settle(number)) return false
    this.#storedMs[number] = atMs
    this.#storedSeq[number] = seq
    if ((this.#flags[number]! & MEASURED) !== 0) this.#tick.stored += 1
    return true
  }

  /** Surely or possibly not stored. @returns whether it was on its way until now */
  failed(number: number, code: string, atMs: number): boolean {
    if (!this.#settle(number)) return false
    this.#failed.set(number, { code, atMs })
    const flags = this.#flags[number]!
    if ((flags & ENDED) !== 0) return true
    this.#flags[number] = flags | ENDED
    if ((flags & MEASURED) !== 0) this.#tick.failed += 1
    this.onEnd(number)
    return true
  }

  #settle(number: number): boolean {
    const flags = this.#flags[number]!
    if ((flags & SETTLED) !== 0) return false
    this.#flags[number] = flags | SETTLED
    return true
  }

  /** A device shows a message to its user. */
  shown(device: number, number: number, seq: number, atMs: number): void {
    if (this.#devices[device]!.spec.judged) this.#log(device, number, seq, atMs)
    if (this.#sender[number] === device) return
    const flags = this.#flags[number]!
    if ((flags & ENDED) !== 0) return
    this.#flags[number] = flags | ENDED
    this.#seenMs[number] = atMs
    if ((flags & MEASURED) !== 0) {
      this.#tick.delivered += 1
      this.#tick.latencyMs.push(atMs - this.#dueMs[number]!)
    }
    this.onEnd(number)
  }

  #log(device: number, number: number, seq: number, atMs: number): void {
    const at = this.#shown
    if (at === this.#shownMs.length) {
      this.#shownMs = grown(this.#shownMs, new Float64Array(2 * at))
      this.#shownBy = grown(this.#shownBy, new Uint32Array(2 * at))
      this.#shownNumber = grown(this.#shownNumber, new Uint32Array(2 * at))
      this.#shownSeq = grown(this.#shownSeq, new Uint32Array(2 * at))
    }
    this.#shown += 1
    this.#shownMs[at] = atMs
    this.#shownBy[at] = device
    this.#shownNumber[at] = number
    this.#shownSeq[at] = seq
  }

  /** Messages on their way that were sent before an instant, oldest first. */
  *unsettled(beforeMs = Number.POSITIVE_INFINITY): Generator<number> {
    while (this.#oldestUnsettled < this.#sent && (this.#flags[this.#oldestUnsettled]! & SETTLED) !== 0) this.#oldestUnsettled += 1
    for (let number = this.#oldestUnsettled; number < this.#sent && this.#sentMs[number]! < beforeMs; number += 1)
      if ((this.#flags[number]! & SETTLED) === 0) yield number
  }

  tick(): Tick {
    const tick = this.#tick
    this.#tick = { offered: 0, stored: 0, delivered: 0, failed: 0, latencyMs: [] }
    return tick
  }

  records(): SentRecord[] {
    return Array.from({ length: this.#sent }, (_, number) => {
      const [storedMs, seenMs, failed] = [this.#storedMs[number]!, this.#seenMs[number]!, this.#failed.get(number)]
      const end = failed === undefined || seenMs > 0 ? {} : { failed: failed.code }
      return {
        kind: 'chat' as const,
        measured: (this.#flags[number]! & MEASURED) !== 0,
        dueMs: this.#dueMs[number]!,
        sentMs: this.#sentMs[number]!,
        ...(storedMs > 0 ? { storedMs } : {}),
        ...(seenMs > 0 ? { seenMs } : {}),
        ...end,
      }
    })
  }

  /** Of judged devices. What one device showed keeps its order. */
  events(): HistoryEvent[] {
    const events: HistoryEvent[] = []
    const names = Array.from({ length: this.#sent }, (_, number) => this.ids.text(number, this.#wallMs[number]!))
    for (let number = 0; number < this.#sent; number += 1) {
      const { spec, to, conversation } = this.#devices[this.#sender[number]!]!
      if (!spec.judged) continue
      const base = { user: spec.user, device: spec.device, clientMessageId: names[number]! }
      events.push({ kind: 'send', atMs: this.#sentMs[number]!, ...base, to, dueMs: this.#dueMs[number]! })
      const [storedMs, failed] = [this.#storedMs[number]!, this.#failed.get(number)]
      if (storedMs > 0) events.push({ kind: 'stored', atMs: storedMs, ...base, conversation, seq: this.#storedSeq[number]! })
      else if (failed?.code === 'unknown') events.push({ kind: 'unknown', atMs: failed.atMs, ...base })
      else if (failed !== undefined) events.push({ kind: 'refused', atMs: failed.atMs, ...base, code: failed.code })
    }
    for (let at = 0; at < this.#shown; at += 1) {
      const { user, device } = this.#devices[this.#shownBy[at]!]!.spec
      const number = this.#shownNumber[at]!
      const { spec: sender, to, conversation } = this.#devices[this.#sender[number]!]!
      const about = { conversation, seq: this.#shownSeq[at]!, sender: sender.user, to, clientMessageId: names[number]! }
      events.push({ kind: 'shown', atMs: this.#shownMs[at]!, user, device, ...about })
    }
    return events
  }
}

function grown<T extends Float64Array | Uint32Array | Uint8Array>(from: T, into: T): T {
  into.set(from)
  return into
}
