import type { PiecePlan } from './session.ts'

/** As the anchors were measured: 200 people, 100 on each of two nodes, 200 bytes. */
const PLAN = { users: 200, bodyBytes: 200, repetitionsUngated: 2, warmUpMs: 1_000, forMs: 3_000, rows: 2_000_000 }

export function peersPlan(repetitions: number, forMs = PLAN.forMs): PiecePlan {
  return { ...PLAN, repetitions, repetitionsUngated: Math.min(repetitions, PLAN.repetitionsUngated), forMs }
}
