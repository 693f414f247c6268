import type { Task } from '#contracts/tasks'
import type { FanOut } from '../kit/fan-out.ts'

/** Sends pieces of an answer, rate limited. One may get lost: the saved message replaces all. */
export class Partials {
  readonly #send: (offset: number, text: string) => void
  readonly #gapMs: number
  #shown = 0
  #text = ''
  #timer: NodeJS.Timeout | undefined
  #lastMs = Number.NEGATIVE_INFINITY
  #over = false

  constructor({ fanOut, task, attempt, perSecond }: { fanOut: FanOut; task: Task; attempt: number; perSecond: number }) {
    this.#gapMs = perSecond === 0 ? Number.POSITIVE_INFINITY : 1_000 / perSecond
    this.#over = perSecond === 0
    const { conversation, sender } = task.message
    this.#send = (offset, text) => {
      fanOut.tell([{ to: [sender], frame: { type: 'partial', conversation, task: task.id, attempt, offset, text } }])
    }
  }

  /** The visible text so far. `voided`: pieces sent were wrong, so no more follow. */
  update(text: string, voided: boolean): void {
    if (voided) this.end()
    if (this.#over || text.length <= this.#shown) return
    this.#text = text
    this.#timer ??= setTimeout(() => this.#flush(), Math.max(0, this.#lastMs + this.#gapMs - performance.now()))
  }

  /** No more pieces: the answer itself follows, or another attempt. */
  end(): void {
    this.#over = true
    clearTimeout(this.#timer)
  }

  #flush(): void {
    this.#timer = undefined
    this.#lastMs = performance.now()
    const piece = this.#text.slice(this.#shown)
    this.#send(this.#shown, piece)
    this.#shown = this.#text.length
  }
}
