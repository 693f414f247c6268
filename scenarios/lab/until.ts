import { LabError } from './errors.ts'

export interface Within {
  /** Deadline. Milliseconds. */
  withinMs: number
  /** Pause between two looks. Milliseconds, default 25. */
  everyMs?: number
  signal?: AbortSignal
}

export type Expected<T> = { equals: T } | { atLeast: number } | { is: (seen: T) => boolean }

/** Looks until the value is as expected. At the deadline it throws TIMED_OUT with what was expected and the last value (or error) seen.
 *  @returns the value that satisfied. */
export async function until<T>(what: string, look: () => T | Promise<T>, expected: Expected<T> & Within): Promise<T> {
  const { withinMs, everyMs = 25, signal } = expected
  const startedMs = performance.now()
  let last = 'nothing yet'
  for (;;) {
    signal?.throwIfAborted()
    try {
      const seen = await look()
      if (satisfies(seen, expected)) return seen
      last = JSON.stringify(seen) ?? String(seen)
    } catch (error) {
      last = error instanceof Error ? error.message : String(error)
    }
    if (performance.now() - startedMs >= withinMs) {
      throw new LabError('TIMED_OUT', `${what}: not within ${withinMs} ms (expected ${describe(expected)}; last seen: ${last})`)
    }
    await pause(everyMs, signal)
  }
}

function satisfies<T>(seen: T, expected: Expected<T>): boolean {
  if ('equals' in expected) return JSON.stringify(seen) === JSON.stringify(expected.equals)
  if ('atLeast' in expected) return typeof seen === 'number' && seen >= expected.atLeast
  return expected.is(seen)
}

function describe<T>(expected: Expected<T>): string {
  if ('equals' in expected) return JSON.stringify(expected.equals)
  return 'atLeast' in expected ? `at least ${expected.atLeast}` : 'its condition to hold'
}

/** The pause between two looks; ends early when the caller gives up. */
export function pause(forMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    // Given up before it began: no event would ever say so.
    if (signal?.aborted) return reject(signal.reason)
    const give = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', give)
      resolve()
    }, forMs)
    signal?.addEventListener('abort', give, { once: true })
  })
}

/** What is waited for, or the reason of the signal, whichever comes first: for waits that know of no signal. What was waited for goes on, and whoever
 *  gives up on it sees to its end. */
export async function orAborted<T>(waited: Promise<T>, signal: AbortSignal): Promise<T> {
  waited.catch(() => undefined) // Told by the race, unless that is over.
  signal.throwIfAborted()
  const given = Promise.withResolvers<never>()
  const give = () => given.reject(signal.reason)
  signal.addEventListener('abort', give, { once: true })
  try {
    return await Promise.race([waited, given.promise])
  } finally {
    signal.removeEventListener('abort', give)
  }
}
