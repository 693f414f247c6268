import type { Settings } from '#contracts/settings'
import type { ModelServer } from './model-server/model-server.ts'

/** Silent this long at the start: another model may have replaced ours. Milliseconds. */
const LOOK_AFTER_MS = 1_000

/** A reason of its own: a default one is built anew each time, with its stack, for 0.15 ms. */
const OVER = new Error('this inference is over')

/** Watches for silence in an inference. A load has a longer limit: hanging up aborts it, and the
 *  next request starts it anew (ollama/ollama#8006). */
export class Silence implements Disposable {
  readonly #server: ModelServer
  readonly #settings: Pick<Settings, 'inferenceGapMs' | 'modelLoadDeadlineMs'>
  readonly #onLoading: () => void
  readonly #over = new AbortController()
  readonly #looks: AbortSignal
  readonly #begunMs = performance.now()
  #limitMs: number
  #timer: NodeJS.Timeout | undefined
  #look: NodeJS.Timeout | undefined
  #heard = false

  /** @param ended from here: nobody waits for a look any more. */
  constructor(
    server: ModelServer,
    settings: Pick<Settings, 'inferenceGapMs' | 'modelLoadDeadlineMs'>,
    onLoading: () => void,
    ended: AbortSignal,
  ) {
    this.#server = server
    this.#settings = settings
    this.#onLoading = onLoading
    this.#looks = AbortSignal.any([ended, this.#over.signal])
    this.#limitMs = settings.inferenceGapMs
  }

  /** Aborted once it was silent for too long. */
  get signal(): AbortSignal {
    return this.#over.signal
  }

  get limitMs(): number {
    return this.#limitMs
  }

  /** The request is about to be sent. */
  async begins(): Promise<void> {
    this.#watch(this.#limitMs)
    if (this.#server.surelyLoaded) this.#look = setTimeout(() => void this.#lookAgain(), LOOK_AFTER_MS)
    else await this.#lookAgain()
  }

  /** The server said something. */
  heard(): void {
    this.#heard = true
    clearTimeout(this.#look)
    this.#server.lastHeardMs = performance.now()
    this.#limitMs = this.#settings.inferenceGapMs
    this.#watch(this.#limitMs)
  }

  async #lookAgain(): Promise<void> {
    if ((await this.#server.loaded(this.#looks)) !== false || this.#heard || this.#over.signal.aborted) return
    this.#limitMs = Math.max(this.#settings.modelLoadDeadlineMs, this.#settings.inferenceGapMs)
    this.#watch(this.#limitMs - (performance.now() - this.#begunMs))
    this.#onLoading()
  }

  #watch(ms: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#over.abort(OVER), ms)
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
    clearTimeout(this.#look)
    // Ends the generation if it still runs: a GPU must not work for nobody.
    this.#over.abort(OVER)
  }
}
