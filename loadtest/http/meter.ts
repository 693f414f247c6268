import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'
import type { LatencySummary, LoadSecond } from '#evidence/load-document'
import type { Span } from '#evidence/measures'

/** Microseconds: a health check takes less than autocannon's whole milliseconds. */
const PER_MS = 1_000

export function histogram(): RecordableHistogram {
  return createHistogram({ figures: 3 })
}

export function recordMs(into: RecordableHistogram, ms: number): void {
  into.record(Math.max(1, Math.round(ms * PER_MS)))
}

export function latencyOf(of: RecordableHistogram, about: Span): LatencySummary {
  const at = (percentile: number) => of.percentile(percentile) / PER_MS
  if (of.count === 0) return { about, count: 0, mean: 0, p50: 0, p90: 0, p95: 0, p99: 0, max: 0 }
  return { about, count: of.count, mean: of.mean / PER_MS, p50: at(50), p90: at(90), p95: at(95), p99: at(99), max: of.max / PER_MS }
}

/** Results of one route or all: times of good answers, kinds of failures, by second. */
export class Meter {
  readonly all = histogram()
  readonly failures: Record<string, number> = {}
  #good = 0
  #failed = 0
  #latencies = histogram()

  good(ms: number): void {
    this.#good += 1
    recordMs(this.all, ms)
    recordMs(this.#latencies, ms)
  }

  failed(what: string): void {
    this.#failed += 1
    this.failures[what] = (this.failures[what] ?? 0) + 1
  }

  /** Results since the last call. A closed loop offers what is answered; nothing is `stored`. */
  takeSecond(second: number): LoadSecond {
    const latency = latencyOf(this.#latencies, 'request-to-answer')
    const taken = {
      second,
      offered: this.#good + this.#failed,
      stored: 0,
      delivered: this.#good,
      failed: this.#failed,
      latencyMs: latency.count === 0 ? null : { p50: latency.p50, p99: latency.p99, max: latency.max },
    }
    this.#good = 0
    this.#failed = 0
    this.#latencies = histogram()
    return taken
  }
}
