import { type LoadPlan, NO_TRAFFIC, type Traffic } from '../workload.ts'

/** Many people ask the robot, one conversation each. */
export interface BotOptions {
  ratePerSecond: number
  outstanding: number
  users: number
  arrivals: Traffic['arrivals']
  prompts: Traffic['prompts']
  forMs: number
  warmUpMs: number
  timeScale: number
  /** Until the answer begins, at time scale 1. Milliseconds. */
  ttftMs: number
}

export const BOT: BotOptions = {
  ratePerSecond: 20,
  outstanding: 0,
  users: 100,
  arrivals: 'poisson',
  prompts: [],
  forMs: 30_000,
  warmUpMs: 3_000,
  timeScale: 50,
  ttftMs: 20_000,
}

/** What the hops and the gap add, whatever the time scale. Milliseconds. */
const HOPS_MS = 250

export function botPlan(given: Partial<BotOptions> = {}): LoadPlan {
  const { ratePerSecond, outstanding, users, arrivals, prompts, forMs, warmUpMs, timeScale, ttftMs } = { ...BOT, ...given }
  const closed = outstanding > 0
  return {
    workload: 'bot',
    traffic: [{ ...NO_TRAFFIC, kind: 'bot', users, ratePerSecond: closed ? 0 : ratePerSecond, outstanding, arrivals, prompts }],
    warmUpMs,
    forMs,
    windows: 1,
    drainMs: 120_000,
    idleConnections: 0,
    faults: [],
    limits: [
      ...(closed
        ? []
        : [
            {
              name: 'answer-begins-in-time',
              measure: 'ttftP95Ms',
              bound: 'at-most' as const,
              limit: sloTtftMs(ttftMs, timeScale),
              timed: true,
            },
          ]),
      { name: 'nothing-refused-no-apology', measure: 'failed', bound: 'at-most', limit: 0, timed: false },
    ],
  }
}

/** A promise about the GPUs' time scales with it, the hops do not. */
export function sloTtftMs(ttftMs: number, timeScale: number): number {
  return ttftMs / timeScale + HOPS_MS
}
