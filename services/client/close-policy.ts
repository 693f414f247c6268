import { CLOSE } from '#contracts/frames'

/** How a connection ended. `never-ready`: TCP or upgrade refused, or no answer in time. */
export interface Ending {
  code: number
  reason: string
  cause: 'peer' | 'silent' | 'garbage' | 'never-ready' | 'ours'
  /** Milliseconds it was ready. */
  livedMs: number
}

/** What to do next. `leastMs` comes before the jittered back-off. */
export type AfterClose =
  | { action: 'retry'; leastMs: number; renewToken: boolean }
  | { action: 'stop'; code: 'UNAUTHENTICATED' | 'FORBIDDEN_ORIGIN' | 'PROTOCOL'; detail: string }

/** Complaints of the node about us that trying again must not repeat for ever. */
export interface Strikes {
  unauthenticated: number
  malformed: number
}

/** A node that says "too many" deserves a pause before the next try. */
const TOO_MANY_PAUSE_MS = 2_000

/** Counts the ending and decides whether to retry. What is not our fault is retried. */
export function judge(ending: Ending, strikes: Strikes): AfterClose {
  const retry = { action: 'retry', leastMs: 0, renewToken: false } as const
  switch (ending.code) {
    case CLOSE.unauthenticated:
      strikes.unauthenticated += 1
      // The token may have expired once; a fresh one refused too will not get better.
      if (strikes.unauthenticated < 2) return { ...retry, renewToken: true }
      return { action: 'stop', code: 'UNAUTHENTICATED', detail: ending.reason || 'a fresh token was refused' }
    case CLOSE.forbiddenOrigin:
      return { action: 'stop', code: 'FORBIDDEN_ORIGIN', detail: ending.reason || 'this origin may not connect' }
    case CLOSE.malformed:
    case 1009: // Our frame was too big.
      strikes.malformed += 1
      if (strikes.malformed < 2) return retry
      return { action: 'stop', code: 'PROTOCOL', detail: ending.reason || `closed twice with ${ending.code}` }
    case CLOSE.tooManyConnections:
      return { ...retry, leastMs: TOO_MANY_PAUSE_MS }
    default: // 1000, 1001 going away, 1006, 1011-1013, authTimeout, slowReader, …
      return retry
  }
}

/** A status in place of the upgrade, as the close code that means the same. */
export function closeCodeOfStatus(status: number): number {
  if (status === 401) return CLOSE.unauthenticated
  if (status === 403) return CLOSE.forbiddenOrigin
  return status === 429 ? CLOSE.tooManyConnections : 1006
}
