import { v7 as uuidV7 } from 'uuid'
import { fullJitterMs } from '#contracts/backoff'
import type { ClientFrame, RefusalCode } from '#contracts/frames'
import { taskId } from '#contracts/ids'
import { BODY_MAX_BYTES, FRAME_MAX_BYTES } from '#contracts/limits'
import type { Frame, SendOptions, SendOutcome, Tuning } from './types.ts'

const RETRY_BASE_MS = 100
const RETRY_CAP_MS = 5_000

/** Refusals from before any write. After others it may be stored: a full queue is met later. */
const SURELY_NOT_STORED: ReadonlySet<RefusalCode> = new Set([
  'BODY_TOO_LARGE',
  'RATE_LIMITED',
  'TOO_MANY_TASKS',
  'UNKNOWN_CAPABILITY',
  'ID_REUSED',
] as const)

interface Pending {
  id: string
  text: string
  attempts: number
  /** Transmitted and not answered yet. */
  awaiting: boolean
  /** A transmission may have been stored without an answer. */
  ambiguous: boolean
  refusal: { code: RefusalCode; detail: string } | undefined
  /** Our own message came back before its `stored` did: it is stored. */
  echo: { conversation: string; seq: number; task: string | undefined } | undefined
  sentAtMs: number
  dueAtMs: number
  expiresAtMs: number
  settle(outcome: SendOutcome): void
}

export interface OutboxLink {
  /** false = not connected, nothing was written. */
  transmit(text: string): boolean
  /** Whether the node was heard since. If not, the link is in doubt: do not repeat on it. */
  heardSince(atMs: number): boolean
  /** Asks the node for a sign of life; a dead link then ends. */
  probe(): void
}

/** Sends without an outcome. Each keeps its id on every node, so repeats are safe. */
export class Outbox {
  readonly #pending = new Map<string, Pending>()
  readonly #tuning: Pick<Tuning, 'sendTimeoutMs' | 'sendDeadlineMs' | 'sendAttemptsMax' | 'outboxMax'>
  readonly #link: OutboxLink
  readonly #random: () => number
  #online = false

  constructor(
    tuning: Pick<Tuning, 'sendTimeoutMs' | 'sendDeadlineMs' | 'sendAttemptsMax' | 'outboxMax'>,
    link: OutboxLink,
    random: () => number,
  ) {
    this.#tuning = tuning
    this.#link = link
    this.#random = random
  }

  get size(): number {
    return this.#pending.size
  }

  /** Takes a message and transmits it if the node is there. Never rejects. */
  add(to: string, body: string, options: SendOptions, nowMs: number): Promise<SendOutcome> {
    const id = options.clientMessageId ?? uuidV7()
    const refused = (code: 'BODY_TOO_LARGE' | 'OUTBOX_FULL' | 'ID_REUSED', detail: string): Promise<SendOutcome> =>
      Promise.resolve({ state: 'refused', code, detail, clientMessageId: id, attempts: 0 })
    const frame: ClientFrame = { type: 'send', clientMessageId: id, to, body }
    if (options.capability !== undefined) frame.capability = options.capability
    const text = JSON.stringify(frame)
    // A frame over the cap would cost the connection at each retry.
    const bodyBytes = Buffer.byteLength(body)
    if (bodyBytes > BODY_MAX_BYTES || Buffer.byteLength(text) > FRAME_MAX_BYTES)
      return refused('BODY_TOO_LARGE', `${bodyBytes} bytes; at most ${BODY_MAX_BYTES} fit in one message`)
    if (this.#pending.has(id)) return refused('ID_REUSED', 'a send with this id is still under way')
    if (this.#pending.size >= this.#tuning.outboxMax) return refused('OUTBOX_FULL', `${this.#pending.size} sends have no outcome yet`)
    const { promise, resolve } = Promise.withResolvers<SendOutcome>()
    const pending: Pending = {
      id,
      text,
      attempts: 0,
      awaiting: false,
      ambiguous: false,
      refusal: undefined,
      echo: undefined,
      sentAtMs: 0,
      dueAtMs: nowMs,
      expiresAtMs: nowMs + this.#tuning.sendDeadlineMs,
      settle: resolve,
    }
    this.#pending.set(id, pending)
    if (this.#online) this.#transmit(pending, nowMs)
    return promise
  }

  /** The node is ready: everything goes out again, oldest first; refused ones wait their turn. */
  online(nowMs: number): void {
    this.#online = true
    for (const pending of this.#pending.values()) if (pending.refusal === undefined) pending.dueAtMs = nowMs
    this.sweep(nowMs)
  }

  offline(): void {
    this.#online = false
    for (const pending of this.#pending.values()) if (pending.awaiting) this.#lost(pending)
  }

  stored(frame: Frame<'stored'>): void {
    const { conversation, seq, task } = frame
    this.#settle(frame.clientMessageId, { state: 'stored', conversation, seq, task })
  }

  /** When ours is tried again; never, if it ended. undefined: not one of ours. */
  refused(frame: Frame<'refused'>, nowMs: number): { dueAtMs: number | undefined } | undefined {
    const pending = this.#pending.get(frame.ref)
    if (pending === undefined) return undefined
    pending.awaiting = false
    pending.refusal = { code: frame.code, detail: frame.detail }
    if (!frame.retryable) {
      this.#settle(pending.id, { state: 'refused', code: frame.code, detail: frame.detail })
      return { dueAtMs: undefined }
    }
    if (!SURELY_NOT_STORED.has(frame.code)) pending.ambiguous = true
    if (pending.attempts >= this.#tuning.sendAttemptsMax) {
      this.#giveUp(pending)
      return { dueAtMs: undefined }
    }
    pending.dueAtMs = nowMs + fullJitterMs(pending.attempts - 1, RETRY_BASE_MS, RETRY_CAP_MS, this.#random)
    return { dueAtMs: pending.dueAtMs }
  }

  /** Our own message came back; used if no `stored` comes. `toRobot`: it became a task. */
  echoed(message: { clientMessageId: string; conversation: string; seq: number }, toRobot: boolean): void {
    const pending = this.#pending.get(message.clientMessageId)
    if (pending === undefined || message.seq === 0) return
    const { conversation, seq } = message
    pending.echo = { conversation, seq, task: toRobot ? taskId(conversation, seq) : undefined }
  }

  /** Repeats what is due and gives up what has had its time. */
  sweep(nowMs: number): void {
    for (const pending of this.#pending.values()) {
      if (nowMs >= pending.expiresAtMs) this.#giveUp(pending)
      else if (this.#online && nowMs >= pending.dueAtMs) this.#again(pending, nowMs)
    }
  }

  /** When `sweep` has something to do; undefined = never. */
  nextDueAtMs(): number | undefined {
    let next: number | undefined
    for (const { dueAtMs, expiresAtMs } of this.#pending.values()) {
      const at = this.#online ? Math.min(dueAtMs, expiresAtMs) : expiresAtMs
      if (next === undefined || at < next) next = at
    }
    return next
  }

  /** The client ends: every send gets the outcome that is known of it. */
  close(): void {
    for (const pending of this.#pending.values()) this.#giveUp(pending)
  }

  #again(pending: Pending, nowMs: number): void {
    if (pending.awaiting) {
      if (!this.#link.heardSince(pending.sentAtMs)) {
        this.#link.probe()
        pending.dueAtMs = nowMs + this.#tuning.sendTimeoutMs
        return
      }
      this.#lost(pending)
    }
    if (pending.attempts >= this.#tuning.sendAttemptsMax) this.#giveUp(pending)
    else this.#transmit(pending, nowMs)
  }

  #transmit(pending: Pending, nowMs: number): void {
    if (!this.#link.transmit(pending.text)) return
    pending.attempts += 1
    pending.awaiting = true
    pending.refusal = undefined
    pending.sentAtMs = nowMs
    pending.dueAtMs = nowMs + this.#tuning.sendTimeoutMs
  }

  #lost(pending: Pending): void {
    pending.awaiting = false
    pending.ambiguous = true
  }

  #giveUp(pending: Pending): void {
    const { attempts, echo, refusal } = pending
    if (echo !== undefined) this.#settle(pending.id, { state: 'stored', ...echo })
    else if (attempts === 0) this.#settle(pending.id, { state: 'refused', code: 'NOT_SENT', detail: 'no node was reachable in time' })
    else if (pending.awaiting || pending.ambiguous || refusal === undefined)
      this.#settle(pending.id, {
        state: 'unknown',
        code: refusal?.code,
        detail: refusal?.detail ?? 'no answer came; it may be stored or not',
      })
    else this.#settle(pending.id, { state: 'refused', ...refusal })
  }

  #settle(
    id: string,
    outcome: SendOutcome extends infer T ? (T extends SendOutcome ? Omit<T, 'clientMessageId' | 'attempts'> : never) : never,
  ): void {
    const pending = this.#pending.get(id)
    if (pending === undefined) return // A second `stored` for a repeated send.
    this.#pending.delete(id)
    pending.settle({ ...outcome, clientMessageId: id, attempts: pending.attempts } as SendOutcome)
  }
}
