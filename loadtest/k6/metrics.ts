import { Counter, Trend } from 'k6/metrics'
import type { Options } from 'k6/options'
import { COUNTERS, SUMMARY_MARK, TRENDS } from './report.ts'
import type { K6Settings } from './settings.ts'
import type { Sink } from './tally.ts'

/** Metrics may be made only now: k6 runs this file once per VU before the start. */
const trends = {
  stored: new Trend(TRENDS.stored, true),
  seen: new Trend(TRENDS.seen, true),
  ttft: new Trend(TRENDS.ttft, true),
  late: new Trend(TRENDS.late, true),
}
const counters = Object.fromEntries(Object.values(COUNTERS).map(name => [name, new Counter(name)]))

export const sink: Sink = {
  time: (metric, ms) => trends[metric].add(ms),
  count: (metric, by) => counters[COUNTERS[metric]]?.add(by),
}

/** One iteration per VU, an open loop inside: arrival-rate executors connect for each send. */
export function loadOptions({ vus, connectMs, warmUpMs, forMs, drainMs, p99LimitMs }: K6Settings): Options {
  const mustBeNone = ['lost', 'duplicates', 'phantoms', 'unanswered', 'apologies', 'disconnected'] as const
  const thresholds: Record<string, string[]> = Object.fromEntries(mustBeNone.map(name => [COUNTERS[name], ['count==0']]))
  if (p99LimitMs > 0) thresholds[TRENDS.seen] = [`p(99)<=${p99LimitMs}`]
  // Time to close, beside the parts of the run.
  const seconds = Math.ceil((connectMs + warmUpMs + forMs + drainMs) / 1_000) + 10
  return {
    scenarios: { load: { executor: 'per-vu-iterations', vus, iterations: 1, maxDuration: `${seconds}s`, gracefulStop: '0s' } },
    thresholds,
    summaryTrendStats: ['avg', 'min', 'med', 'max', 'p(90)', 'p(95)', 'p(99)', 'count'],
  }
}

/** One line on stdout: a container has no folder to write to. */
export function summaryLine(data: unknown): { stdout: string } {
  return { stdout: `${SUMMARY_MARK}${JSON.stringify(data)}\n` }
}
