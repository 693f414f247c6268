import { z } from 'zod'
import { SetupError } from '#contracts/setup-error'
import type { GeneratorCode, LatencySummary, LoadDocument, Threshold } from '#evidence/load-document'
import type { Span } from '#evidence/measures'
import { COUNTERS, TRENDS } from '../k6/report.ts'

/** `handleSummary`:
 *  https://grafana.com/docs/k6/latest/results-output/end-of-test/custom-summary/ */
const K6Summary = z.object({
  metrics: z.record(
    z.string(),
    z.object({ values: z.record(z.string(), z.number()), thresholds: z.record(z.string(), z.object({ ok: z.boolean() })).optional() }),
  ),
})

export type K6Fields = Pick<
  LoadDocument,
  | 'offeredPerSecond'
  | 'deliveredPerSecond'
  | 'latencyMs'
  | 'storedMs'
  | 'latencies'
  | 'measures'
  | 'lost'
  | 'duplicates'
  | 'thresholds'
  | 'generatorBound'
> &
  Pick<LoadDocument, 'generator'>

export interface K6Context {
  workload: 'chat' | 'bot'
  /** Whole seconds that were measured. */
  seconds: number
  vus: number
  /** Ended before its time: what its VUs count at their end is missing. */
  interrupted: boolean
  /** Of the measured seconds: k6's own rates count connecting and draining in. */
  offered: number
  delivered: number
}

const ABOUT = { chat: 'due-to-seen', bot: 'due-to-answered' } as const

/** Fields of a load document from k6's summary. Throws on another's. Pure. */
export function fieldsOf(summary: unknown, { workload, seconds, vus, interrupted, offered, delivered }: K6Context): K6Fields {
  const parsed = K6Summary.safeParse(summary)
  if (!parsed.success)
    throw new SetupError(
      'K6_FAILED',
      `expected k6's summary with metrics and their values, got ${JSON.stringify(summary)?.slice(0, 200)}\nThe built-in engine measures the same: drop --engine k6`,
    )
  const { metrics } = parsed.data
  const latency = (metric: string, about: Span) => latencyOf(metrics[metric]?.values, about)
  const count = (metric: string) => {
    const value = metrics[metric]?.values['count']
    if (value === undefined && !interrupted)
      throw new TypeError(`k6's summary has no counter ${metric}: the run ended before its sends were judged`)
    return value ?? 0
  }
  const perSecond = (number: number) => (seconds === 0 ? 0 : number / seconds)
  const latencyMs = latency(TRENDS.seen, ABOUT[workload])
  const late = latency(TRENDS.late, 'due-to-sent')
  // Latency counts from the intended send: half a tail of k6's own delay means k6 is the limit.
  const generatorBound = late.p99 > LATE_ALLOWED_MS && late.p99 > latencyMs.p99 / 2
  return {
    offeredPerSecond: perSecond(offered),
    deliveredPerSecond: perSecond(delivered),
    latencyMs,
    storedMs: latency(TRENDS.stored, 'due-to-stored'),
    latencies: {
      late,
      ...(workload === 'bot' ? { ttft: latency(TRENDS.ttft, 'due-to-begun') } : {}),
    },
    measures: Object.fromEntries(
      (['phantoms', 'unanswered', 'refused', 'apologies', 'redelivered', 'disconnected'] as const).map(key => [key, count(COUNTERS[key])]),
    ),
    lost: count(COUNTERS.lost),
    duplicates: count(COUNTERS.duplicates),
    thresholds: Object.entries(metrics).flatMap(([metric, { values, thresholds = {} }]) =>
      Object.entries(thresholds).map(([expression, { ok }]) => thresholdOf(metric, expression, ok, values)),
    ),
    generatorBound,
    generator: { threads: vus, lateP99Ms: late.p99, cpuPercent: 0, because: 'late-beside-latency' satisfies GeneratorCode },
  }
}

function latencyOf(values: Readonly<Record<string, number>> = {}, about: Span): LatencySummary {
  const value = (stat: string) => values[stat] ?? 0
  return {
    about,
    count: value('count'),
    mean: value('avg'),
    p50: value('med'),
    p90: value('p(90)'),
    p95: value('p(95)'),
    p99: value('p(99)'),
    max: value('max'),
  }
}

/** `count==0`, `p(99)<=25`: the two forms that `loadtest/k6/metrics.ts` writes. */
function thresholdOf(metric: string, expression: string, ok: boolean, values: Readonly<Record<string, number>>): Threshold {
  const form = /^(count|p\(99\))(?:==|<=)([\d.]+)$/.exec(expression)
  if (form === null) throw new TypeError(`${metric}: ${expression} is not a threshold of our scripts`)
  const measure = metric === TRENDS.seen ? 'latencyMs.p99' : metric
  return {
    name: metric === TRENDS.seen ? 'seen-in-time' : `none-${metric}`,
    measure,
    bound: 'at-most',
    limit: Number(form[2]),
    value: values[form[1] ?? ''] ?? 0,
    verdict: ok ? 'pass' : 'fail',
  }
}

/** Lateness up to this is a timer's. Milliseconds. */
const LATE_ALLOWED_MS = 5
