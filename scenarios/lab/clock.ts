import { pause } from './until.ts'

/** The clock of this host that the simulated GPUs log by, and what happens by it. */

/** Monotonic instant. Milliseconds, to the nanosecond. */
export function hostNowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

/** An instant of a GPU's log, nanoseconds as a decimal string, in milliseconds of the same clock. */
export function hostMs(ns: string): number {
  return Number(BigInt(ns)) / 1e6
}

/** Calls `send` for each time in turn, whatever became of those before (open loop). Ends early when aborted. @param atMs ascending, on the host's clock */
export async function eachAtItsTime(atMs: readonly number[], signal: AbortSignal, send: (index: number) => void): Promise<void> {
  for (const [index, dueMs] of atMs.entries()) {
    if (signal.aborted) return
    // Never before its time: timers count whole milliseconds, from an instant that is up to one old, and may end a little early.
    for (let restMs = dueMs - hostNowMs(); restMs > 0 && !signal.aborted; restMs = dueMs - hostNowMs())
      await pause(Math.ceil(restMs), signal).catch(() => undefined)
    if (signal.aborted) return
    send(index)
  }
}
