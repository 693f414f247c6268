import { pause } from '../until.ts'

/** Cold disks and busy cores included: with ten processes on two cores RabbitMQ needed 87 s to get as far as its feature
 *  flags. What is known earlier is reported earlier, so only what hangs waits for this. Milliseconds. */
const READY_WITHIN_MS = 240_000
/** A part that it misses may be coming up at this moment, and a refusal may pass. Milliseconds. */
const CERTAIN_AFTER_MS = 3_000

/** What a broker or database says when waiting does not help: another declaration of the same queue, another password,
 *  a role or database that does not exist. */
const HOPELESS = /PRECONDITION_FAILED|ACCESS_REFUSED|NOT_ALLOWED|password authentication failed|(role|database) "[^"]*" does not exist/

export interface Waiting {
  /** What the part still misses; empty: it can be used. */
  missing(): Promise<string[]>
  /** Why it cannot become ready any more: its process or container ended. */
  ended(): Promise<Pick<NotReady, 'reason' | 'portTaken'> | undefined>
  /** Parts that it needs and that will not come by themselves, with what to type: `postgres is stopped …`. */
  lacking(): Promise<string[]>
  signal: AbortSignal
  /** Between two looks. Milliseconds. */
  everyMs: number
  /** Default 3,000. Milliseconds. */
  certainAfterMs?: number
}

/** Why a part is not ready, and after what time that was known. */
export interface NotReady {
  reason: string
  portTaken: boolean
  afterMs: number
}

/** Waits until a part that was started can be used. @returns undefined when ready, else the obstacle, as soon as it is certain. */
export async function waitReady({
  missing,
  ended,
  lacking,
  signal,
  everyMs,
  certainAfterMs = CERTAIN_AFTER_MS,
}: Waiting): Promise<NotReady | undefined> {
  const startedMs = performance.now()
  const over = (reason: string, portTaken = false): NotReady => ({ reason, portTaken, afterMs: performance.now() - startedMs })
  let last = 'no answer yet'
  let hopefulAtMs = startedMs
  while (performance.now() - startedMs < READY_WITHIN_MS) {
    signal.throwIfAborted()
    const end = await ended()
    if (end !== undefined) return over(end.reason, end.portTaken)
    const misses = await missing().catch((error: unknown) => [error instanceof Error ? error.message : String(error)])
    if (misses.length === 0) return undefined
    last = misses.join(', ')
    const absent = await lacking()
    if (absent.length === 0 && !HOPELESS.test(last)) hopefulAtMs = performance.now()
    else if (performance.now() - hopefulAtMs > certainAfterMs) return over([`it misses ${last}`, ...absent].join('\n'))
    await pause(everyMs, signal)
  }
  return over(`it misses ${last}`)
}
