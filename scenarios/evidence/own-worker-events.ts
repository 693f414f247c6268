import { z } from 'zod'
import { event, text } from './event.ts'

/** Events about a worker of somebody's own: the wire between it and the broker, and its answers. */

/** Where on the wire: numbered from 1 on. */
const place = { connection: z.int(), channel: z.int() }

/** The script put a task into the queue. `poison`: the model server fails on it, always. */
const TaskSent = event('task-sent', { task: text, poison: z.boolean() })
const Connected = event('connected', { connection: z.int() })
/** `by` = who closed it with a reason; absent: the socket ended. */
const Disconnected = event('disconnected', { connection: z.int(), by: z.enum(['broker', 'worker']).optional(), reason: text.optional() })
/** It asked for tasks. `automatic`: with automatic acknowledgement. */
const Consumes = event('consumes', { ...place, automatic: z.boolean() })
/** `held`: tasks that the worker then held unsettled, on all its connections. */
const Delivered = event('delivered', { ...place, tag: z.int(), task: text, redelivered: z.boolean(), held: z.int() })
/** `known`: the tag was delivered there and is unsettled; `twice`: it was settled before. */
const Settled = event('settled', {
  ...place,
  tag: z.int(),
  task: text,
  verb: z.enum(['ack', 'nack', 'reject', 'automatic']),
  requeue: z.boolean(),
  known: z.enum(['yes', 'twice', 'no']),
})
/** The worker published an answer of this task. */
const AnswerPublished = event('answer-published', { ...place, task: text })
/** The broker confirmed that. */
const AnswerConfirmed = event('answer-confirmed', { ...place, task: text })
/** Who asked got a message. `task` empty: no task can be read from it. */
const AnswerReceived = event('answer-received', { task: text, good: z.boolean(), begins: text })
/** The broker or the worker closed a channel with an error. */
const ChannelClosed = event('channel-closed', { ...place, by: z.enum(['broker', 'worker']), code: z.int(), text })
/** Longest time without a frame of the worker, at the end of a connection or of the arm. */
const Silence = event('silence', { connection: z.int(), heartbeatMs: z.number(), longestMs: z.number() })
/** The way to the broker was cut, and opened again. */
const WayCut = event('way-cut', { forMs: z.number() })
const WayOpen = event('way-open', {})
/** SIGTERM, and how long it took to end; killed after the lab's own patience. */
const AskedToEnd = event('asked-to-end', { tookMs: z.number() })
/** It had ended without being asked, when the arm was over. */
const EndedUnasked = event('ended-unasked', {})
/** A task that nobody has answered at the end, and where it is then. */
const TaskLeft = event('task-left', { task: text, where: z.enum(['in-the-queue', 'held-by-the-worker', 'dead-lettered', 'gone']) })

export const OWN_WORKER_EVENTS = [
  TaskSent,
  Connected,
  Disconnected,
  Consumes,
  Delivered,
  Settled,
  AnswerPublished,
  AnswerConfirmed,
  AnswerReceived,
  ChannelClosed,
  Silence,
  WayCut,
  WayOpen,
  AskedToEnd,
  EndedUnasked,
  TaskLeft,
] as const
