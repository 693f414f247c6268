import type { LogEntry } from './frames.ts'

/** What was done in the lab and seen of it: the page's lab book. Codes with values; words are the
 *  page's. */

const KEPT = 300

export class LabBook {
  readonly #entries: LogEntry[] = []
  #taken = 0
  #next = 1

  write(code: string, values: LogEntry['values'] = {}): void {
    this.#entries.push({ n: this.#next, at: new Date().toISOString(), code, values })
    this.#next += 1
    if (this.#entries.length > KEPT) this.#entries.shift()
  }

  /** Those since the last time. */
  take(): LogEntry[] {
    const fresh = this.#entries.filter(({ n }) => n > this.#taken)
    this.#taken = this.#next - 1
    return fresh
  }

  all(): LogEntry[] {
    return [...this.#entries]
  }
}
