import { pause } from '../until.ts'
import { type PartContext, type PartProcess, tail } from './part-process.ts'
import { isAlive } from './processes.ts'
import type { PartRecord } from './state.ts'

/** Cold disks and busy cores included: with ten processes on two cores RabbitMQ needed 87 s to get as far as its feature flags. What has ended is told at
 *  once, so only what hangs waits for this. Milliseconds. */
export const READY_WITHIN_MS = 240_000

/** Waits until a part that was launched can be used. @returns undefined when ready, else what was in the way. */
export async function waitReady(
  kind: PartProcess,
  context: PartContext,
  record: PartRecord,
  signal: AbortSignal,
): Promise<string | undefined> {
  const untilMs = performance.now() + READY_WITHIN_MS
  let last = 'no answer yet'
  while (performance.now() < untilMs) {
    signal.throwIfAborted()
    const [main] = record.processes
    if (main === undefined || !(await isAlive(main))) {
      const log = await tail(context.folder, context.part.name, 40)
      return /EADDRINUSE|eaddrinuse|already in use/.test(log) ? 'port taken' : 'its process ended'
    }
    const missing = await kind.missing(context, signal).catch((error: unknown) => [error instanceof Error ? error.message : String(error)])
    if (missing.length === 0) {
      await kind.prepare?.(context)
      return undefined
    }
    last = missing.join(', ')
    await pause(25, signal)
  }
  return last
}
