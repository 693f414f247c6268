import { z } from 'zod'
import { TaskFailure } from '#contracts/tasks'
import { at, event, text } from './event.ts'
import { OWN_WORKER_EVENTS } from './own-worker-events.ts'
import { PLAIN_EVENTS } from './plain-events.ts'

/** What happened in an arm, seen where no kill reaches: clients, simulated GPUs, broker counters, a
 *  final database dump. Append-only JSON lines; milliseconds on the lab's monotonic clock.
 *
 *  Who records what, below experiment/: users' devices what they send and see (devices.ts); the
 *  GPUs' own logs each `inference`, with the worker's `heldMs` (gpu-logs.ts); samples `queue` and
 *  `held` (sampler.ts); the database's last state `message-row` and `task-row` (collect.ts). */

/** A device of a user came online, with everything before it still to be shown. */
const Online = event('online', { user: text, device: text, node: text })
/** It lost its node and will return. */
const Offline = event('offline', { user: text, device: text })
/** The script means something by this prompt: `poison` = no model can answer it. */
const Marked = event('marked', { task: text, as: z.enum(['poison']) })
const Send = event('send', {
  user: text,
  device: text,
  to: text,
  clientMessageId: text,
  /** Open loop: the intended time. Waits run from it, since a late script shortens no wait. */
  dueMs: at.optional(),
})
const Stored = event('stored', { user: text, device: text, clientMessageId: text, conversation: text, seq: z.int(), task: text.optional() })
const Refused = event('refused', { user: text, device: text, clientMessageId: text, code: text })
/** A node refused a send for now: the client sends it again, and its outcome is still to come. */
const Retried = event('retried', { user: text, device: text, clientMessageId: text, code: text })
/** Timeout or lost connection: the send may or may not have happened. */
const Unknown = event('unknown', { user: text, device: text, clientMessageId: text })
/** A message entered the view of one device, as its user sees it. */
const Shown = event('shown', {
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
/** A notice of a task's place. */
const Waiting = event('waiting', { user: text, device: text, task: text, ahead: z.int(), workersOnline: z.int() })
/** One inference, out of the GPU's own log; `atMs` = the request came. */
const Inference = event('inference', {
  task: text,
  attempt: z.int(),
  worker: text,
  gpu: text.optional(),
  /** How long its worker had held the task by then. */
  heldMs: z.number().optional(),
  startedAtMs: at.optional(),
  firstTokenAtMs: at.optional(),
  endedAtMs: at.optional(),
  outcome: z.enum(['waiting', 'running', 'done', 'aborted', 'failed']),
})
/** An answered task in its worker's own words; `atMs` = delivered. For a picture, no verdict. */
const Steps = event('steps', {
  task: text,
  attempt: z.int(),
  worker: text,
  countedAtMs: at,
  askedAtMs: at,
  endedAtMs: at,
  savedAtMs: at,
  confirmedAtMs: at,
})
/** A prompt's time on each worker's GPU, by its profile. Wall milliseconds. */
const Work = event('work', { task: text, serviceMs: z.array(z.number()) })
/** A real server's answer on its way to the worker, with the server's figures. */
const Reported = event('reported', {
  task: text,
  attempt: z.int(),
  worker: text,
  gpu: text,
  /** `cut`: its last line never came. */
  outcome: z.enum(['done', 'failed', 'cut']),
  /** From the request to its last line, by our clock. */
  tookMs: z.number(),
  /** From the first piece of its content to its last line, by our clock. */
  contentMs: z.number().optional(),
  /** Cap of the request, where the server reads it; null = none there. */
  capTokens: z.int().nullable().optional(),
  chunks: z.int(),
  text,
  reasoning: text,
  promptTokens: z.int(),
  answerTokens: z.int(),
  totalMs: z.number(),
  loadMs: z.number(),
  prefillMs: z.number(),
  decodeMs: z.number(),
})
/** What a device showed of an answer; only for comparison with a model's words. */
const Read = event('read', {
  task: text,
  device: text,
  text,
  /** Pieces that it showed before. */
  partials: z.int(),
  /** Each piece was a beginning of the answer. */
  grew: z.boolean(),
})
/** A live worker's own count of what it holds unsettled; one sample. */
const Held = event('held', { worker: text, held: z.int(), running: z.int() })
const Queue = event('queue', { queue: text, ready: z.int(), consumers: z.int() })
/** What a device's client counted until it went offline for good, below what its user sees. */
const Counted = event('counted', {
  user: text,
  device: text,
  /** Messages that arrived again and were not shown again. */
  rawDuplicates: z.int(),
  gapsAsked: z.int(),
  reconnects: z.int(),
})
/** Something was done to a part; without `proof` that it worked the arm proves nothing. */
const Fault = event('fault', {
  part: text,
  action: text,
  /** Of `faults`: a GPU's switches; none = it healed. */
  switches: z.record(text, z.unknown()).optional(),
  proof: text.optional(),
})
/** A setting that makes this arm what it is, as the part itself shows it. */
const Setting = event('setting', { part: text, setting: text, expected: text, seen: text })
/** Measuring begins; the warm-up before counts for correctness only. */
const Measured = event('measured', {})
/** A measure with the band that it must lie in, said before the run. */
const Expected = event('expected', { measure: text, value: z.number(), low: z.number(), high: z.number() })
/** CPU of other processes, percent of the machine, and the longest timer delay here. */
const Noise = event('noise', { foreignCpuPercent: z.number(), timerLateP99Ms: z.number() })
/** An arm's end: idle, its own condition, deadline, a wait that ran out, an error. */
export const Ended = z.enum(['rest', 'own-condition', 'deadline', 'cut-short', 'error'])
export type Ended = z.infer<typeof Ended>
/** The arm ended; the last such event counts. */
const Rest = event('rest', { ended: Ended, lastSeen: text })
const MessageRow = event('message-row', { conversation: text, seq: z.int(), sender: text, clientMessageId: text })
const TaskRow = event('task-row', {
  task: text,
  /** Place in the order in which the database took the prompts. */
  ord: z.int().optional(),
  conversation: text,
  seq: z.int(),
  asker: text,
  state: z.enum(['queued', 'running', 'answered', 'failed', 'cancelled']),
  /** Inferences begun; `refunded` of them were a server's fault and do not count. */
  attempts: z.int(),
  refunded: z.int().min(0).optional(),
  /** Why it has no answer; absent in runs before 2026-12: always the allowance. */
  failure: TaskFailure.optional(),
})
/** A task that lies in the dead-letter queue at the end. */
const Dead = event('dead', { task: text })

export const HistoryEvent = z.discriminatedUnion('kind', [
  Online,
  Offline,
  Marked,
  Send,
  Stored,
  Refused,
  Retried,
  Unknown,
  Shown,
  Waiting,
  Inference,
  Steps,
  Work,
  Reported,
  Read,
  Held,
  Queue,
  Counted,
  Fault,
  Setting,
  Measured,
  Expected,
  Noise,
  Rest,
  MessageRow,
  TaskRow,
  Dead,
  ...PLAIN_EVENTS,
  ...OWN_WORKER_EVENTS,
])
export type HistoryEvent = z.infer<typeof HistoryEvent>
export type EventOf<K extends HistoryEvent['kind']> = Extract<HistoryEvent, { kind: K }>

/** What every check wants to know of an arm. */
export const ArmFacts = z.object({
  /** Whether messages carry a sequence (design `sound`). */
  sequenced: z.boolean(),
  robot: text,
  workers: z.array(
    z.object({
      name: text,
      prefetchTasks: z.int(),
      slots: z.int(),
      /** Total speed of its GPU by streams, a value for each of its slots; where it is known. */
      batching: z.array(z.number()).optional(),
      /** Consumer priority; absent = 0. */
      priority: z.int().optional(),
      /** Takes only while this many wait; absent = 0. */
      backlogMin: z.int().optional(),
      /** A fixed service time, where its GPU has one. Milliseconds of the wall. */
      serviceMs: z.number().optional(),
    }),
  ),
  /** Inferences that a task may cost; 0 = not counted. */
  attemptsMax: z.int(),
})
export type ArmFacts = z.infer<typeof ArmFacts>

/** Events of one arm in the order of their recording, with the arm's facts. */
export interface History extends ArmFacts {
  events: readonly HistoryEvent[]
}

export function eventsOf<K extends HistoryEvent['kind']>(history: History, kind: K): EventOf<K>[] {
  return history.events.filter((event): event is EventOf<K> => event.kind === kind)
}

/** Names a message by its sender's own id. */
export function sendKey(sender: string, clientMessageId: string): string {
  return `${sender}:${clientMessageId}`
}

/** What was sent, by `sendKey`. */
export function sendsOf(history: History): Map<string, EventOf<'send'>> {
  return new Map(eventsOf(history, 'send').map(event => [sendKey(event.user, event.clientMessageId), event]))
}
