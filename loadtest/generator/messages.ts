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
  /** A bare socket, for one addressee; without it the whole chat client. */
  wire?: { to: string; body: string }
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

export type Reply = { id: number; result?: unknown; error?: string } | { tick: Tick }
