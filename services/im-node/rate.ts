/** Token bucket: `perSecond` on average, twice that in a burst. Times are monotonic ms. */
export class Rate {
  readonly #perSecond: number
  #tokens: number
  #atMs: number

  constructor(perSecond: number, nowMs: number) {
    this.#perSecond = perSecond
    this.#tokens = 2 * perSecond
    this.#atMs = nowMs
  }

  take(nowMs: number): boolean {
    this.#tokens = Math.min(2 * this.#perSecond, this.#tokens + ((nowMs - this.#atMs) * this.#perSecond) / 1_000)
    this.#atMs = nowMs
    if (this.#tokens < 1) return false
    this.#tokens -= 1
    return true
  }
}
