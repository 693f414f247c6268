/** A client's one timer. Earlier requests move it; later ones cost nothing. Monotonic clock. */
export class Wake {
  readonly #run: (nowMs: number) => number | undefined
  #timer: NodeJS.Timeout | undefined
  #atMs = Number.POSITIVE_INFINITY
  #stopped = false

  /** `run` does what is due and says when it wants to run next. */
  constructor(run: (nowMs: number) => number | undefined) {
    this.#run = run
  }

  at(atMs: number | undefined): void {
    if (atMs === undefined || atMs >= this.#atMs || this.#stopped) return
    clearTimeout(this.#timer)
    this.#atMs = atMs
    // At least 5 ms apart, so that something due that cannot be done yet does not spin.
    this.#timer = setTimeout(() => this.#fire(), Math.max(5, Math.ceil(atMs - performance.now())))
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
  }

  #fire(): void {
    this.#atMs = Number.POSITIVE_INFINITY
    this.at(this.#run(performance.now()))
  }
}
