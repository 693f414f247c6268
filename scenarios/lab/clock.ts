import { pause } from './until.ts'

/** The clock of this host that the simulated GPUs log by, and what happens by it. */

/** Monotonic instant. Milliseconds, to the nanosecond. */
export function hostNowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

/** A GPU log's instant (ns as a decimal string) in milliseconds of the same clock. */
export function hostMs(ns: string): number {
  return Number(BigInt(ns)) / 1e6
}

/** Open loop: calls `send` at each time until aborted. @param atMs ascending, the host's clock */
export async function eachAtItsTime(atMs: readonly number[], signal: AbortSignal, send: (index: number) => void): Promise<void> {
  for (const [index, dueMs] of atMs.entries()) {
    if (signal.aborted) return
    // Never early: timers count whole milliseconds and may end a little too soon.
    for (let restMs = dueMs - hostNowMs(); restMs > 0 && !signal.aborted; restMs = dueMs - hostNowMs())
      await pause(Math.ceil(restMs), signal).catch(() => undefined)
    if (signal.aborted) return
    send(index)
  }
}
