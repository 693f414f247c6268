import { z } from 'zod'
import { Capability, UserId, Uuid } from './ids.ts'
import { RESUME_CURSORS_MAX } from './limits.ts'

/** The chat protocol: JSON frames over a WebSocket, `GET /chat`; `auth` names the version. Unknown
 *  fields are refused, so a new one needs nodes and clients that are upgraded together. */
export const PROTOCOL_VERSION = 1

const Seq = z.int().min(0)

/** Highest seq that the client shows without a gap, per conversation. */
export const Cursors = z
  .record(Uuid, Seq)
  .refine(cursors => Object.keys(cursors).length <= RESUME_CURSORS_MAX, `at most ${RESUME_CURSORS_MAX} cursors`)
export type Cursors = z.infer<typeof Cursors>

/** What people write. Postgres stores no U+0000, and one such body would fail its batch. */
export const Body = z
  .string()
  .min(1)
  .refine(text => !text.includes('\0'), 'expected text without U+0000')

/** First frame of every connection, within the auth deadline. */
const Auth = z.strictObject({ type: z.literal('auth'), version: z.literal(PROTOCOL_VERSION), token: z.string().max(2_048) })
/** A message; to the robot a prompt. A repeated `clientMessageId` gets the same seq. */
const Send = z.strictObject({
  type: z.literal('send'),
  clientMessageId: Uuid,
  to: UserId,
  body: Body,
  /** Prompts only: which kind of worker must answer. Default `chat`. */
  capability: Capability.optional(),
})
/** Everything newer than the cursors, unnamed conversations from 0; with `only`, one. Answered by
 *  `message` frames, a `gap` if a page was too small, and a `head`. */
const Resume = z.strictObject({ type: z.literal('resume'), cursors: Cursors, only: Uuid.optional() })
const Cancel = z.strictObject({ type: z.literal('cancel'), task: Uuid })
const Ping = z.strictObject({ type: z.literal('ping'), nonce: z.string().max(64).optional() })

export const ClientFrame = z.discriminatedUnion('type', [Auth, Send, Resume, Cancel, Ping])
export type ClientFrame = z.infer<typeof ClientFrame>

/** Why a frame was refused. `retryable`: the same frame may succeed later. */
export const RefusalCode = z.enum([
  'BODY_TOO_LARGE',
  'RATE_LIMITED',
  'TOO_MANY_TASKS', // this user's cap of waiting tasks
  'BUSY', // the task queue is full, or the broker raised an alarm
  'UNKNOWN_CAPABILITY',
  'ID_REUSED', // same clientMessageId, another body or addressee
  'NOT_CONFIRMED', // stored, but the broker did not confirm in time: retry with the same id
  'STORE_UNAVAILABLE',
  'BROKER_UNAVAILABLE',
  'CANCELLED',
  'UNKNOWN_TASK',
  'SHUTTING_DOWN',
])
export type RefusalCode = z.infer<typeof RefusalCode>

/** The node is ready. `sequenced` false: design `article`, seq 0, nothing stored. */
const Ready = z.strictObject({
  type: z.literal('ready'),
  version: z.literal(PROTOCOL_VERSION),
  user: UserId,
  node: z.string(),
  robot: UserId,
  sequenced: z.boolean(),
})
/** Committed (and confirmed). `seq` 0 and `task` absent where nothing is stored. */
const Stored = z.strictObject({ type: z.literal('stored'), clientMessageId: Uuid, conversation: Uuid, seq: Seq, task: Uuid.optional() })
/** `ref` = the clientMessageId or task that was refused. */
const Refused = z.strictObject({ type: z.literal('refused'), ref: Uuid, code: RefusalCode, retryable: z.boolean(), detail: z.string() })
/** One message of a conversation, to every device of both members, the sender's own included. */
export const MessageFrame = z.strictObject({
  type: z.literal('message'),
  conversation: Uuid,
  /** Starts at 1, without holes; 0 in the design `article`. */
  seq: Seq,
  sender: UserId,
  to: UserId,
  body: z.string(),
  clientMessageId: Uuid,
  /** Wall clock of the store, ISO 8601. For reading, never for order. */
  sentAt: z.string(),
  /** Answers only: the task that is answered; it replaces that task's partials. */
  task: Uuid.optional(),
  /** Answers only: false = this is the apology, no model answered. */
  answered: z.boolean().optional(),
})
export type MessageFrame = z.infer<typeof MessageFrame>
/** A piece of an answer after `offset` UTF-16 units; a higher attempt clears a lower one. */
export const PartialFrame = z.strictObject({
  type: z.literal('partial'),
  conversation: Uuid,
  task: Uuid,
  attempt: z.int().min(1),
  offset: z.int().min(0),
  text: z.string(),
})
export type PartialFrame = z.infer<typeof PartialFrame>
/** Unstarted tasks ahead of the asker's, and workers online. Repeated on change. */
const Waiting = z.strictObject({
  type: z.literal('waiting'),
  task: Uuid,
  conversation: Uuid,
  ahead: z.int().min(0),
  workersOnline: z.int().min(0),
})
/** A worker has the task; its server loads the model first, for seconds to minutes. */
export const LoadingFrame = z.strictObject({ type: z.literal('loading'), task: Uuid, conversation: Uuid })
export type LoadingFrame = z.infer<typeof LoadingFrame>
/** Stored head seqs: a client behind them resumes. Also ends the answer to a resume. */
const Head = z.strictObject({ type: z.literal('head'), heads: Cursors })
/** More is stored after `afterSeq` than this node sent: resume from there. */
const Gap = z.strictObject({ type: z.literal('gap'), conversation: Uuid, afterSeq: Seq, headSeq: Seq })
export const ErrorCode = z.enum([
  'MALFORMED',
  'UNAUTHENTICATED',
  'TOKEN_EXPIRED',
  'AUTH_TIMEOUT',
  'TOO_MANY_CONNECTIONS',
  'ALREADY_AUTHENTICATED',
  'SLOW_READER',
  'STORE_UNAVAILABLE',
  'INTERNAL',
])
export type ErrorCode = z.infer<typeof ErrorCode>
/** About the connection, not about one message. `fatal`: the node closes the socket after it. */
const ErrorFrame = z.strictObject({ type: z.literal('error'), code: ErrorCode, detail: z.string(), fatal: z.boolean() })
const Pong = z.strictObject({ type: z.literal('pong'), nonce: z.string().max(64).optional() })

export const ServerFrame = z.discriminatedUnion('type', [
  Ready,
  Stored,
  Refused,
  MessageFrame,
  PartialFrame,
  Waiting,
  LoadingFrame,
  Head,
  Gap,
  ErrorFrame,
  Pong,
])
export type ServerFrame = z.infer<typeof ServerFrame>

/** WebSocket close codes in use beside the standard ones (1000, 1001 going away, 1009 too big). */
export const CLOSE = {
  malformed: 4400,
  unauthenticated: 4401,
  forbiddenOrigin: 4403,
  authTimeout: 4408,
  tooManyConnections: 4429,
  slowReader: 4490,
} as const
