import type { MemoryLook } from '#evidence/load-document'
import { hostNowMs, type Lab } from '#lab'
import { partUse } from './noise.ts'

/** In a shorter test caches fill and nothing else. Milliseconds. */
const FOR_MIN_MS = 60_000
const LOOKS = 240
/** A look asks every part whether it is ready. Milliseconds. */
const EVERY_MIN_MS = 1_000

/** Looks at each part's memory while a long test measures. */
export class MemoryWatch implements AsyncDisposable {
  readonly looks: MemoryLook[] = []
  readonly #fromMs = hostNowMs()
  readonly #timer: NodeJS.Timeout | undefined
  #looking: Promise<void> = Promise.resolve()

  constructor(lab: Lab, forMs: number) {
    if (forMs < FOR_MIN_MS) return
    let busy = false
    this.#timer = setInterval(
      () => {
        if (busy) return
        busy = true
        this.#looking = this.#look(lab).finally(() => {
          busy = false
        })
      },
      Math.max(EVERY_MIN_MS, forMs / LOOKS),
    )
  }

  async #look(lab: Lab): Promise<void> {
    const second = (hostNowMs() - this.#fromMs) / 1_000
    // A part that a fault has just ended is missing in a look, no more.
    const use = await partUse(lab).catch(() => [])
    this.looks.push({ second, rssMiB: Object.fromEntries(use.map(({ name, rssMiB }) => [name, rssMiB])) })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    await this.#looking
  }
}
