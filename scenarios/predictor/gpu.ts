interface Stream {
  task: number
  /** The GPU's progress at which this stream is done. */
  doneAt: number
}

/** Streams that generate share the GPU: n of them run at batching[n-1]/n of the speed of one. `progress` is what each of them got so far, in
 *  nanoseconds of undisturbed work, so that a change of n touches one number and not every stream. */
export class Gpu {
  readonly #batching: readonly number[]
  #streams: Stream[] = []
  #progress = 0
  #atNs = 0
  /** Goes up with every change; a forecast made before is void. */
  version = 0

  constructor(batching: readonly number[]) {
    this.#batching = batching
  }

  join(task: number, workNs: number, nowNs: number): void {
    this.#advance(nowNs)
    this.#streams.push({ task, doneAt: this.#progress + workNs })
    this.version++
  }

  /** Takes out the streams that are done, in the order of joining. */
  leave(nowNs: number): number[] {
    this.#advance(nowNs)
    // A millionth of a nanosecond of lacking progress is rounding, not work.
    const isDone = (stream: Stream) => stream.doneAt <= this.#progress + 1e-6
    const done = this.#streams.filter(isDone).map(stream => stream.task)
    this.#streams = this.#streams.filter(stream => !isDone(stream))
    this.version++
    return done
  }

  /** When the next stream ends if none joins; undefined = none runs. */
  nextEndNs(): number | undefined {
    if (this.#streams.length === 0) return undefined
    let least = Number.POSITIVE_INFINITY
    for (const stream of this.#streams) least = Math.min(least, stream.doneAt)
    return this.#atNs + Math.ceil(Math.max(0, least - this.#progress) / this.#speed())
  }

  #speed(): number {
    const n = this.#streams.length
    return (this.#batching[n - 1] ?? this.#batching.at(-1)!) / n
  }

  #advance(nowNs: number): void {
    // Starting from 0 whenever the GPU is idle keeps whole numbers whole: one stream ends at exactly start + service.
    this.#progress = this.#streams.length === 0 ? 0 : this.#progress + (nowNs - this.#atNs) * this.#speed()
    this.#atNs = nowNs
  }
}
