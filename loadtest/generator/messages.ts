import type { HistoryEvent } from '#evidence/history'

/** What passes between the engine and a generator thread. Plain data. */

export interface ThreadSetUp {
  /** Where the history's clock begins, on the host's. Milliseconds. */
  zeroMs: number
  secret: string
  /** Whether server frames are parsed by schema. Load trusts the nodes that it started. */
  trust: boolean
}

export interface DeviceSpec {
  user: string
  device: string
  /** Addresses of nodes, the first one first. */
  nodes: string[]
  /** Whether its events are written down. */
  judged: boolean
  /** It is there and does nothing: nobody waits for it. */
  idle: boolean
}

export interface PlannedSend {
  kind: 'chat' | 'bot'
  /** On the host's clock. Milliseconds. */
  dueMs: number
  /** Index of the device in this thread. */
  from: number
  /** A user; '' = the robot. */
  to: string
  body: string
  measured: boolean
}

/** Closed loop: from devices in turn. */
export interface ClosedLoop {
  kind: 'chat' | 'bot'
  outstanding: number
  /** On the host's clock. Milliseconds. */
  fromMs: number
  untilMs: number
  /** Indices of senders, with whom they write to. */
  pairs: { from: number; to: string }[]
  bodies: string[]
  measured: boolean
}

/** One message, from meaning to send it to its end. On the history's clock, milliseconds. */
export interface SentRecord {
  kind: 'chat' | 'bot'
  measured: boolean
  dueMs: number
  sentMs: number
  storedMs?: number
  /** Chat: by the recipient. Bot: the whole answer, by the asker. */
  seenMs?: number
  /** Bot: the first piece of the answer, seen by the asker. */
  firstMs?: number
  answerTokens?: number
  /** An apology came, or nothing; a refusal's code. */
  failed?: string
}

/** What happened since the last one. */
export interface Tick {
  offered: number
  stored: number
  delivered: number
  failed: number
  /** Of what was delivered. Milliseconds. */
  latencyMs: number[]
}

/** What a device still does, for the wait until all is idle. */
export interface DeviceState {
  name: string
  user: string
  shown: number
  online: boolean
  pendingSends: number
  sequenced: boolean
  cursors: Record<string, number>
}

export interface ThreadVerbs {
  connect(specs: DeviceSpec[]): number[]
  open(sends: PlannedSend[]): undefined
  closed(loop: ClosedLoop): undefined
  /** Of those that do something. */
  states(): DeviceState[]
  /** Devices that are online now, idle ones included. */
  online(): number
  /** CPU of this thread since the last call, percent of a core. */
  busy(): number
  /** No further sends; those that are on their way go on. */
  stop(): undefined
  /** Everything that was written down. */
  take(): { events: HistoryEvent[]; sent: SentRecord[] }
  /** Devices go offline. */
  close(): undefined
}

export type Request = { [V in keyof ThreadVerbs]: { id: number; verb: V; args: Parameters<ThreadVerbs[V]> } }[keyof ThreadVerbs]
export type Reply = { id: number; result?: unknown; error?: string } | { tick: Tick }
