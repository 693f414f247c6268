import { type Limit, type LoadPlan, NO_TRAFFIC, type Traffic } from '../workload.ts'

/** People write to each other. */
export interface ChatOptions {
  ratePerSecond: number
  outstanding: number
  users: number
  pairs: Traffic['pairs']
  arrivals: Traffic['arrivals']
  bodyBytes: number
  forMs: number
  warmUpMs: number
  /** Kill a node in the middle and start it again: everybody on it comes back at once. */
  storm: boolean
  p99Ms: number
}

export const CHAT: ChatOptions = {
  ratePerSecond: 1_000,
  outstanding: 0,
  users: 200,
  pairs: 'across-nodes',
  arrivals: 'poisson',
  bodyBytes: 200,
  forMs: 30_000,
  warmUpMs: 3_000,
  storm: false,
  p99Ms: 250,
}

export function chatPlan(given: Partial<ChatOptions> = {}): LoadPlan {
  const { ratePerSecond, outstanding, users, pairs, arrivals, bodyBytes, forMs, warmUpMs, storm, p99Ms } = { ...CHAT, ...given }
  const closed = outstanding > 0
  const inTime: Limit = { name: 'seen-in-time', measure: 'latencyP99Ms', bound: 'at-most', limit: p99Ms, timed: true }
  return {
    workload: 'chat',
    traffic: [{ ...NO_TRAFFIC, kind: 'chat', users, ratePerSecond: closed ? 0 : ratePerSecond, outstanding, pairs, arrivals, bodyBytes }],
    warmUpMs,
    forMs,
    windows: 1,
    drainMs: 30_000,
    idleConnections: 0,
    faults: storm ? [{ atMs: forMs / 2, action: 'restart', part: 'im-b' }] : [],
    limits: [
      // Messages for an absent node wait; the checks judge that all arrive.
      ...(storm || closed ? [] : [inTime]),
      { name: 'nothing-refused', measure: 'failed', bound: 'at-most', limit: 0, timed: false },
    ],
  }
}
