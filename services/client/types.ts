import type { MessageFrame, RefusalCode, ServerFrame } from '#contracts/frames'
import type { Capability, UserId } from '#contracts/ids'

export type Frame<T extends ServerFrame['type']> = Extract<ServerFrame, { type: T }>

/** A send's result; `unknown`: it may be stored. `attempts` counts transmissions. */
export type SendOutcome = { clientMessageId: string; attempts: number } & (
  | { state: 'stored'; conversation: string /** 0 in the design `article`. */; seq: number; task: string | undefined }
  | { state: 'refused'; code: RefusalCode | LocalRefusal; detail: string }
  | { state: 'unknown' /** The last refusal, if there was one. */; code: RefusalCode | undefined; detail: string }
)

/** The client's own refusals. NOT_SENT: surely not stored. OUTBOX_FULL: see `outboxMax`. */
export type LocalRefusal = 'NOT_SENT' | 'OUTBOX_FULL'

/** How a task ended. `apology`: no model answered, and the message carries the apology. */
export type AnswerOutcome =
  | { state: 'answered' | 'apology'; task: string; message: MessageFrame }
  | { state: 'cancelled'; task: string }
  | { state: 'refused'; code: RefusalCode | LocalRefusal; detail: string }
  | { state: 'unknown'; task: string | undefined; detail: string }

/** An answer while it is generated. */
export interface PartialText {
  task: string
  conversation: string
  attempt: number
  /** All of it so far. */
  text: string
  /** What this piece added at the end of `text`. */
  added: string
  /** A new attempt began: what was shown before is void. */
  cleared: boolean
}

/** Stable codes of `ChatError`. Up to PROTOCOL they end the client; others are recovered. */
export type ChatErrorCode =
  | 'UNAUTHENTICATED' // wrong secret, or a fresh token was refused twice
  | 'FORBIDDEN_ORIGIN'
  | 'PROTOCOL' // the node called our frames malformed or too big, twice
  | 'CLOSED' // the client was closed while something was awaited
  | 'UNREACHABLE' // no node answered in time
  | 'BAD_SERVER_FRAME'
  | 'SERVER_ERROR' // an `error` frame
  | 'HTTP_ERROR'
  | 'ANSWER_DEADLINE'

export class ChatError extends Error {
  readonly code: ChatErrorCode
  /** Of the answer over HTTP. */
  readonly status: number | undefined
  constructor(code: ChatErrorCode, message: string, options: ErrorOptions & { status?: number } = {}) {
    super(message, options)
    this.status = options.status
    this.name = 'ChatError'
    this.code = code
  }
}

export interface ChatEvents {
  /** In view order: once each, by `seq` (in the design `article`: on arrival). */
  message: [message: MessageFrame]
  partial: [partial: PartialText]
  waiting: [frame: Frame<'waiting'>]
  loading: [frame: Frame<'loading'>]
  stored: [frame: Frame<'stored'>]
  /** Every refusal, those that are retried included. */
  refused: [frame: Frame<'refused'>]
  /** `resumed`: not the first connection of this client. */
  connected: [at: { node: string; url: string; resumed: boolean }]
  /** The view is at all heads again; `messages` counts those since connecting. */
  caughtUp: [at: { node: string; messages: number; first: boolean }]
  disconnected: [at: { node: string | undefined; url: string; code: number; reason: string }]
  gapRepaired: [gap: { conversation: string; messages: number; tookMs: number }]
  /** A fault from which the client recovers. */
  trouble: [error: ChatError]
  /** The client ended; with an error if it gave up. */
  closed: [error: ChatError | undefined]
}

export interface ChatOptions {
  /** HTTP addresses of IM nodes, tried in this order: `http://127.0.0.1:8101`. */
  nodes: readonly string[]
  user: UserId
  /** Lab-wide login secret; not needed with `token`, but renews it. */
  secret?: string
  token?: string
  /** Ends the client when aborted. */
  signal?: AbortSignal
  /** Seqs already seen, per conversation: resume from there. Default none: everything is shown. */
  cursors?: Readonly<Record<string, number>>
  /** false = a naive client: no order, no resume, no gap repair. Default true. */
  resume?: boolean
  /** true = server frames are not parsed by schema: for load tests. Default false. */
  trust?: boolean
  /** Sent as `Origin` header; only browsers need one. */
  origin?: string
  tuning?: Partial<Tuning>
  /** Listeners from the first frame on; one added after `connect` may miss frames. */
  on?: { [E in keyof ChatEvents]?: (...args: ChatEvents[E]) => void }
}

/** Times in milliseconds. */
export interface Tuning {
  /** For `connect`: until the first node is ready. */
  connectWithinMs: number
  /** One connection: TCP, upgrade, auth, ready. */
  readyWithinMs: number
  loginWithinMs: number
  /** Silence after which the node is asked for a sign of life, and how long it has for it. */
  heartbeatMs: number
  heartbeatTimeoutMs: number
  /** Reconnect: full jitter over min(cap, base * 2^n). */
  backoffBaseMs: number
  backoffCapMs: number
  /** A connection that lived this long resets the back-off. */
  stableMs: number
  /** A hole in a sequence is asked for after this. */
  gapMs: number
  /** No answer to a question for a gap: asked again after this, doubled each time up to 10 x. */
  gapAgainMs: number
  /** No `stored` for a send: transmitted again with the same id. */
  sendTimeoutMs: number
  /** After this, or `sendAttemptsMax` transmissions, the outcome is reported as it stands. */
  sendDeadlineMs: number
  sendAttemptsMax: number
  /** Sends without an outcome; more are refused with OUTBOX_FULL. */
  outboxMax: number
}

export const TUNING: Tuning = {
  connectWithinMs: 15_000,
  readyWithinMs: 5_000,
  loginWithinMs: 5_000,
  heartbeatMs: 10_000,
  heartbeatTimeoutMs: 5_000,
  backoffBaseMs: 200,
  backoffCapMs: 5_000,
  stableMs: 5_000,
  gapMs: 100,
  gapAgainMs: 1_000,
  sendTimeoutMs: 5_000,
  sendDeadlineMs: 30_000,
  sendAttemptsMax: 10,
  outboxMax: 10_000,
}

export interface SendOptions {
  /** Prompts only. Default `chat`. */
  capability?: Capability
  /** Default: a fresh uuid v7. Given by scenarios that replay a seed. */
  clientMessageId?: string
}
