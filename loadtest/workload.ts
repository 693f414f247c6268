/** A load test as data: who, how many, at which rate, what of which size, for how long, and what is promised of it. Times in milliseconds. */

export type TrafficKind = 'chat' | 'bot'

/** One stream of messages of one kind, from users that have nothing else to do. */
export interface Traffic {
  kind: TrafficKind
  /** Users with a device each. Chat: an even number, in pairs. */
  users: number
  /** Open loop: due in a second, over all users, whatever became of those before. 0 = closed loop. */
  ratePerSecond: number
  /** Closed loop: messages on their way at any time, over all users; each that arrives makes room for the next. 0 = open loop. */
  outstanding: number
  /** Open loop: at equal distances, at random (Poisson), or a second's messages in its first tenth. */
  arrivals: 'even' | 'poisson' | 'bursts'
  /** Chat: whether two who write to each other are on two nodes or on one. */
  pairs: 'across-nodes' | 'same-node'
  /** Chat: length of a message. Bytes. */
  bodyBytes: number
  /** Bot: prompts with their sizes, one after the other in turn; empty = short ones, whose answers the model draws. Gaps between them count from the first;
   *  with `ratePerSecond` 0 and no `outstanding` they are the arrivals. */
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

export interface Limit {
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
  /** Connections that do nothing. */
  idleConnections: number
  faults: PlannedFault[]
  limits: Limit[]
}

/** Messages that a plan may send at most, beyond which conversations are judged by sample: each costs four to six events in memory. */
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
