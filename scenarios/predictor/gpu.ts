interface Stream {
  task: number
  /** The GPU's progress at which this stream is done. */
  doneAt: number
}

/** n streams run at batching[n-1]/n of one's speed. `progress` is each one's share so far, in ns of
 *  undisturbed work: a change of n touches one number. */
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
    // From 0 on an idle GPU: one stream ends at exactly start + service.
    this.#progress = this.#streams.length === 0 ? 0 : this.#progress + (nowNs - this.#atNs) * this.#speed()
    this.#atNs = nowNs
  }
}
