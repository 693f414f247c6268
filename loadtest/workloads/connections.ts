import type { LoadPlan } from '../workload.ts'
import { chatPlan } from './chat.ts'

/** Many idle connections and a few that write: the cost of each, and that none drops. */
export interface ConnectionsOptions {
  connections: number
  forMs: number
  warmUpMs: number
  p99Ms: number
}

const WRITERS = 20
const RATE_PER_SECOND = 50

export function connectionsPlan({ connections, ...chat }: ConnectionsOptions): LoadPlan {
  const plan = chatPlan({ ...chat, users: WRITERS, ratePerSecond: RATE_PER_SECOND })
  return {
    ...plan,
    workload: 'connections',
    idleConnections: connections,
    limits: [
      ...plan.limits,
      { name: 'everybody-is-still-there', measure: 'connectionsOnline', bound: 'at-least', limit: connections + WRITERS, timed: false },
    ],
  }
}
