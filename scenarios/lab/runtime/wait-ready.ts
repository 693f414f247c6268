import { pause } from '../until.ts'

/** RabbitMQ needed 87 s beside ten processes on two cores; errors come earlier. Milliseconds. */
const READY_WITHIN_MS = 240_000
/** A part that it misses may be coming up at this moment, and a refusal may pass. Milliseconds. */
const CERTAIN_AFTER_MS = 3_000

/** Errors that waiting does not cure: other queue arguments, a wrong password, a missing role. */
const HOPELESS = /PRECONDITION_FAILED|ACCESS_REFUSED|NOT_ALLOWED|password authentication failed|(role|database) "[^"]*" does not exist/

export interface Waiting {
  /** What the part still misses; empty: it can be used. */
  missing(): Promise<string[]>
  /** Why it cannot become ready any more: its process or container ended. */
  ended(): Promise<Pick<NotReady, 'reason' | 'portTaken'> | undefined>
  /** What it lacks and will not come, and what to type: `postgres is stopped …`. */
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

/** Waits for a started part. @returns undefined when ready, else the obstacle once certain. */
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
