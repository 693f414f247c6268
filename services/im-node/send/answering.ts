import type { Log } from '../../kit/log.ts'

/** Messages whose publish is under way: their senders still wait for the answer. */
export class Answering {
  readonly #log: Log
  readonly #open = new Set<Promise<void>>()

  constructor(log: Log) {
    this.#log = log
  }

  add(work: Promise<void>): void {
    const tracked = work.catch((error: unknown) => this.#log.error({ err: error }, 'send path')).finally(() => this.#open.delete(tracked))
    this.#open.add(tracked)
  }

  async done(): Promise<void> {
    // Work may add further work.
    while (this.#open.size > 0) await Promise.all(this.#open)
  }
}
