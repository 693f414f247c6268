import { z } from 'zod'

/** What happened in one arm, as seen from where a kill cannot reach: the clients, the simulated GPUs, the broker's counters, a database dump at
 *  the end. Append-only; one JSON line an event. Times are milliseconds on one monotonic clock, the lab's. */

const at = z.number()
const text = z.string()

const Send = z.strictObject({ kind: z.literal('send'), atMs: at, user: text, device: text, to: text, clientMessageId: text })
const Stored = z.strictObject({
  kind: z.literal('stored'),
  atMs: at,
  user: text,
  device: text,
  clientMessageId: text,
  conversation: text,
  seq: z.int(),
  task: text.optional(),
})
const Refused = z.strictObject({ kind: z.literal('refused'), atMs: at, user: text, device: text, clientMessageId: text, code: text })
/** Timeout or lost connection: the send may or may not have happened. */
const Unknown = z.strictObject({ kind: z.literal('unknown'), atMs: at, user: text, device: text, clientMessageId: text })
/** A message entered the view of one device, as its user sees it. */
const Shown = z.strictObject({
  kind: z.literal('shown'),
  atMs: at,
  user: text,
  device: text,
  conversation: text,
  seq: z.int(),
  sender: text,
  to: text,
  clientMessageId: text,
  task: text.optional(),
  answered: z.boolean().optional(),
})
/** One inference, out of the GPU's own log. */
const Inference = z.strictObject({
  kind: z.literal('inference'),
  atMs: at,
  task: text,
  attempt: z.int(),
  worker: text,
  startedAtMs: at.optional(),
  firstTokenAtMs: at.optional(),
  endedAtMs: at.optional(),
  outcome: z.enum(['waiting', 'running', 'done', 'aborted', 'failed']),
})
/** A live worker's own count of what it holds unsettled; one sample. */
const Held = z.strictObject({ kind: z.literal('held'), atMs: at, worker: text, held: z.int(), running: z.int() })
const Queue = z.strictObject({ kind: z.literal('queue'), atMs: at, queue: text, ready: z.int(), consumers: z.int() })
const Fault = z.strictObject({ kind: z.literal('fault'), atMs: at, part: text, action: text, proof: text.optional() })
/** The arm came to rest, or its deadline ran out first. */
const Rest = z.strictObject({ kind: z.literal('rest'), atMs: at, reached: z.boolean(), lastSeen: text })
const MessageRow = z.strictObject({
  kind: z.literal('message-row'),
  atMs: at,
  conversation: text,
  seq: z.int(),
  sender: text,
  clientMessageId: text,
})
const TaskRow = z.strictObject({
  kind: z.literal('task-row'),
  atMs: at,
  task: text,
  conversation: text,
  seq: z.int(),
  asker: text,
  state: z.enum(['queued', 'running', 'answered', 'failed', 'cancelled']),
  attempts: z.int(),
})
/** A task that lies in the dead-letter queue at the end. */
const Dead = z.strictObject({ kind: z.literal('dead'), atMs: at, task: text })

export const HistoryEvent = z.discriminatedUnion('kind', [
  Send,
  Stored,
  Refused,
  Unknown,
  Shown,
  Inference,
  Held,
  Queue,
  Fault,
  Rest,
  MessageRow,
  TaskRow,
  Dead,
])
export type HistoryEvent = z.infer<typeof HistoryEvent>
export type EventOf<K extends HistoryEvent['kind']> = Extract<HistoryEvent, { kind: K }>

/** Events of one arm in the order of their recording, with what every check wants to know of the arm. */
export interface History {
  events: readonly HistoryEvent[]
  /** Whether messages carry a sequence (design `sound`). */
  sequenced: boolean
  /** The robot's user id. */
  robot: string
  workers: readonly { name: string; prefetchTasks: number; slots: number }[]
  attemptsMax: number
}

export function eventsOf<K extends HistoryEvent['kind']>(history: History, kind: K): EventOf<K>[] {
  return history.events.filter((event): event is EventOf<K> => event.kind === kind)
}

/** Devices that a user ever showed a message on or sent from. */
export function devicesByUser(history: History): Map<string, Set<string>> {
  const devices = new Map<string, Set<string>>()
  for (const event of history.events) {
    if (event.kind !== 'send' && event.kind !== 'shown' && event.kind !== 'stored') continue
    const own = devices.get(event.user)
    if (own === undefined) devices.set(event.user, new Set([event.device]))
    else own.add(event.device)
  }
  return devices
}
