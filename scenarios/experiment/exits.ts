import { LabError } from '../lab/errors.ts'
import type { Lab } from '../lab/lab.ts'
import type { RuntimeName } from '../lab/runtime/types.ts'
import { pause } from '../lab/until.ts'

/** Parts that exit during an arm: later observations prove nothing, and waits would be long. */

/** A look at containers costs a tenth of a second of CPU, one at processes next to nothing. */
const EVERY_MS: Record<RuntimeName, number> = { native: 1_000, compose: 5_000 }
const LOG_LINES = 20

export class Exits implements AsyncDisposable {
  readonly #lab: Pick<Lab, 'exited' | 'logTail' | 'runtime'>
  readonly #seen = new AbortController()
  readonly #stop = new AbortController()
  readonly #running: Promise<void>
  #acting = 0
  #acts = 0

  constructor(lab: Pick<Lab, 'exited' | 'logTail' | 'runtime'>) {
    this.#lab = lab
    this.#running = this.#run()
  }

  /** Aborts with PART_EXITED once a part exited unexpectedly. */
  get signal(): AbortSignal {
    return this.#seen.signal
  }

  /** Does something to parts. Meanwhile nobody can say which of them should be running. */
  async during<T>(act: () => Promise<T>): Promise<T> {
    this.#acts += 1
    this.#acting += 1
    try {
      return await act()
    } finally {
      this.#acting -= 1
    }
  }

  async look(): Promise<void> {
    if (this.#acting > 0 || this.signal.aborted) return
    const acts = this.#acts
    const exited = await this.#lab.exited()
    const [part] = exited
    if (part === undefined || acts !== this.#acts) return
    const log = await this.#lab.logTail(part, LOG_LINES).catch((error: unknown) => String(error))
    this.#seen.abort(new LabError('PART_EXITED', `${exited.join(', ')} exited unexpectedly\n${log}`))
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop
    while (!signal.aborted) {
      await this.#lookQuietly()
      await pause(EVERY_MS[this.#lab.runtime], signal).catch(() => undefined)
    }
  }

  /** A failed look is repeated; the last one, after the script, must succeed. */
  #lookQuietly(): Promise<void> {
    return this.look().catch(() => undefined)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#running
  }
}
