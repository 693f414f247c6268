import type { LoadTrace } from '#evidence/load-document'

/** A load test as data: users, rate, sizes, duration, promises. Milliseconds. */

export type TrafficKind = 'chat' | 'bot'

/** One stream of messages of one kind, from users that have nothing else to do. */
export interface Traffic {
  kind: TrafficKind
  /** Users with a device each. Chat: an even number, in pairs. */
  users: number
  /** Open loop: sends a second, over all users. 0 = closed loop. */
  ratePerSecond: number
  /** Closed loop: messages in flight, over all users. 0 = open loop. */
  outstanding: number
  /** Open loop: evenly, at random (Poisson), or each second's in its first tenth. */
  arrivals: 'even' | 'poisson' | 'bursts'
  /** Chat: whether two who write to each other are on two nodes or on one. */
  pairs: 'across-nodes' | 'same-node'
  /** Chat: length of a message. Bytes. */
  bodyBytes: number
  /** Bot: prompts in turn; empty = short ones, answers drawn by the model. With `ratePerSecond` 0
   *  and no `outstanding` their gaps are the arrivals. */
  prompts: readonly { atMs: number; text: string }[]
  /** Which of the plan's windows it is sent in. */
  windows: 'all' | 'every-second'
}

/** Done to a part while it runs. */
export interface PlannedFault {
  atMs: number
  action: 'restart'
  part: string
}

/** What goes on; `amount`: its milliseconds, or how many connections. */
export type OnPhase = (phase: Phase, amount?: number) => void
export type Phase = 'alone' | 'connecting' | 'probing' | 'connecting-idle' | 'warming-up' | 'measuring' | 'draining' | 'checking'

export interface Limit {
  /** A code: `seen-in-time`. */
  name: string
  /** Key of the measures. */
  measure: string
  bound: 'at-most' | 'at-least'
  limit: number
  /** It is about time: a busy machine or a busy generator makes it say nothing. */
  timed: boolean
}

export interface LoadPlan {
  workload: string
  traffic: Traffic[]
  /** The same load before anything is measured, judged for correctness alone. */
  warmUpMs: number
  forMs: number
  /** The measured part in equal windows, for traffic that comes and goes. */
  windows: number
  /** Longest wait for what is on its way at the end. */
  drainMs: number
  idleConnections: number
  faults: PlannedFault[]
  limits: Limit[]
  trace?: LoadTrace
}

/** Above this, conversations are judged by sample: a message costs 4 to 6 events in memory. */
export const JUDGED_MESSAGES_MAX = 200_000

export const NO_TRAFFIC: Traffic = {
  kind: 'chat',
  users: 200,
  ratePerSecond: 0,
  outstanding: 0,
  arrivals: 'poisson',
  pairs: 'across-nodes',
  bodyBytes: 200,
  prompts: [],
  windows: 'all',
}
