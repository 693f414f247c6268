import { LabError } from './errors.ts'

export interface Within {
  /** Deadline. Milliseconds. */
  withinMs: number
  /** Pause between two looks. Milliseconds, default 25. */
  everyMs?: number
  /** Ends the wait early. Default: the end of the arm. */
  signal?: AbortSignal
}

/** What a look must give: equal in JSON, at least a number, or a condition. */
export type Expected<T> = { equals: T } | { atLeast: number } | { is: (seen: T) => boolean }

/** Looks until the value fits. Throws TIMED_OUT with expected and last seen value. */
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
    // Aborted before: no event will come.
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

/** The awaited value or the signal's reason, whichever is first. The work itself goes on. */
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
