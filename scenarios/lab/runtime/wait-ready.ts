import { pause } from '../until.ts'
import { type PartContext, type PartProcess, tail } from './part-process.ts'
import { isAlive } from './processes.ts'
import type { PartRecord } from './state.ts'

/** Cold disks and busy cores included: with ten processes on two cores RabbitMQ needed 87 s to get as far as its feature flags. What is known earlier is
 *  told earlier, so only what hangs waits for this. Milliseconds. */
export const READY_WITHIN_MS = 240_000
/** A part that it misses may be coming up at this moment, and a refusal may be of a moment. Milliseconds. */
const CERTAIN_AFTER_MS = 3_000

/** What a broker or database says when waiting does not help: another declaration of the same queue, another password, a role or database that is not there. */
const HOPELESS = /PRECONDITION_FAILED|ACCESS_REFUSED|NOT_ALLOWED|password authentication failed|(role|database) "[^"]*" does not exist/

export interface Waiting {
  kind: PartProcess
  context: PartContext
  record: PartRecord
  signal: AbortSignal
  /** Parts that this one needs and that cannot come by themselves, with what to type: `postgres is stopped …`. */
  lacking(): Promise<string[]>
}

/** Why a part is not ready, and after what time that was known. */
export interface NotReady {
  reason: string
  portTaken: boolean
  afterMs: number
}

/** Waits until a part that was launched can be used. @returns undefined when ready, else what was in the way, as soon as it is certain. */
export async function waitReady({ kind, context, record, signal, lacking }: Waiting): Promise<NotReady | undefined> {
  const startedMs = performance.now()
  const over = (reason: string, portTaken = false): NotReady => ({ reason, portTaken, afterMs: performance.now() - startedMs })
  let last = 'no answer yet'
  let hopefulAtMs = startedMs
  while (performance.now() - startedMs < READY_WITHIN_MS) {
    signal.throwIfAborted()
    const [main] = record.processes
    if (main === undefined || !(await isAlive(main))) {
      const log = await tail(context.folder, context.part.name, 40)
      return over('its process ended', /EADDRINUSE|eaddrinuse|already in use/.test(log))
    }
    const missing = await kind.missing(context, signal).catch((error: unknown) => [error instanceof Error ? error.message : String(error)])
    if (missing.length === 0) {
      await kind.prepare?.(context)
      return undefined
    }
    last = missing.join(', ')
    const absent = await lacking()
    if (absent.length === 0 && !HOPELESS.test(last)) hopefulAtMs = performance.now()
    else if (performance.now() - hopefulAtMs > CERTAIN_AFTER_MS) return over([`it misses ${last}`, ...absent].join('\n'))
    await pause(25, signal)
  }
  return over(`it misses ${last}`)
}
