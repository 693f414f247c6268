/** Every await on something remote has a deadline. */

export class DeadlineError extends Error {
  readonly code = 'DEADLINE'
}

/** The value, or DeadlineError after `withinMs`. The work goes on: the caller must allow that. */
export async function withDeadline<T>(promise: Promise<T>, withinMs: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DeadlineError(`${what}: no answer within ${withinMs} ms`)), withinMs)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Resolves after `ms`, or at once when aborted. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal?.aborted) return resolve()
    const done = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done)
  })
}

/** Runs `work` every `everyMs`, never twice at once. Disposing waits for it. 0 = never. */
export function every(everyMs: number, work: () => Promise<void>, onError: (error: unknown) => void): AsyncDisposable & { now(): void } {
  const stop = new AbortController()
  let wake: AbortController | undefined
  async function loop(): Promise<void> {
    while (!stop.signal.aborted) {
      wake = new AbortController()
      await pause(everyMs, AbortSignal.any([stop.signal, wake.signal]))
      if (stop.signal.aborted) return
      await work().catch(onError)
    }
  }
  const running = everyMs > 0 ? loop() : Promise.resolve()
  return {
    now: () => wake?.abort(),
    async [Symbol.asyncDispose]() {
      stop.abort()
      await running
    },
  }
}
