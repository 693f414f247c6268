/** What a link can suffer from, with the names of Toxiproxy. All together; `{}` is a clean link. */
export interface Toxics {
  /** Delay of each chunk, ± `jitterMs` drawn per chunk; order is kept. Milliseconds. */
  latencyMs?: number
  jitterMs?: number
  /** Bytes a second and direction. */
  bandwidthBytesPerSecond?: number
  /** Nothing passes either way, connections stay open: a black hole. */
  timeout?: boolean
  /** New connections are refused and open ones are closed. */
  down?: boolean
}

/** When the chunks of one direction may go on: pure but for its draws. */
export class Pace {
  #freeAtMs = 0
  #lastOutMs = 0

  /** @param random 0 ..1. @returns when a chunk that came now may leave (clock of `nowMs`) */
  leaveAtMs(nowMs: number, bytes: number, { latencyMs = 0, jitterMs = 0, bandwidthBytesPerSecond }: Toxics, random: number): number {
    const sendMs = bandwidthBytesPerSecond === undefined ? 0 : (bytes / bandwidthBytesPerSecond) * 1_000
    this.#freeAtMs = Math.max(this.#freeAtMs, nowMs) + sendMs
    const atMs = this.#freeAtMs + Math.max(0, latencyMs + (2 * random - 1) * jitterMs)
    // A byte stream: what was sent later never comes before.
    this.#lastOutMs = Math.max(this.#lastOutMs, atMs)
    return this.#lastOutMs
  }
}
