/** Tasks of zero length, which carry the time at which they were published. One clock for all
 *  processes of this machine. Nanoseconds. */

export type QueueCall =
  | { kind: 'publish'; tasks: number; ratePerSecond: number }
  | { kind: 'ready' }
  | { kind: 'pause' }
  /** `holdMs`: how long a task is held before its ack. Default 0. */
  | { kind: 'resume'; holdMs?: number }
  /** Empties the queue. */
  | { kind: 'purge' }
  /** What was handled since the last time. */
  | { kind: 'take' }

export interface Taken {
  handled: number
  firstMs: number
  lastMs: number
  /** From publish to handler. */
  latenciesMs: number[]
}

const nowMs = () => Number(process.hrtime.bigint()) / 1e6

export class HandledTasks {
  #latenciesMs: number[] = []
  #firstMs = 0
  #lastMs = 0

  add(body: string): void {
    const atMs = nowMs()
    if (this.#latenciesMs.length === 0) this.#firstMs = atMs
    this.#lastMs = atMs
    this.#latenciesMs.push(atMs - Number(body))
  }

  take(): Taken {
    const taken = { handled: this.#latenciesMs.length, firstMs: this.#firstMs, lastMs: this.#lastMs, latenciesMs: this.#latenciesMs }
    this.#latenciesMs = []
    return taken
  }
}

/** Unconfirmed at any time; a publisher that waits for each one would be the limit. */
const UNCONFIRMED_MAX = 500
const TICK_MS = 1

/** Publishes at a rate, or as fast as it is confirmed. */
export async function published(
  { tasks, ratePerSecond }: { tasks: number; ratePerSecond: number },
  publish: (body: string) => Promise<unknown>,
): Promise<null> {
  const startMs = performance.now()
  const open = new Set<Promise<unknown>>()
  for (let sent = 0; sent < tasks; ) {
    const due = ratePerSecond === 0 ? tasks : Math.min(tasks, Math.floor(((performance.now() - startMs) * ratePerSecond) / 1_000))
    for (; sent < due && open.size < UNCONFIRMED_MAX; sent += 1) {
      const one = publish(String(nowMs())).finally(() => open.delete(one))
      open.add(one)
    }
    await (ratePerSecond === 0 ? Promise.race(open) : new Promise(resolve => setTimeout(resolve, TICK_MS)))
  }
  await Promise.all(open)
  return null
}
