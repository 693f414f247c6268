import { SetupError } from '#contracts/setup-error'
import { reason } from '#evidence/finding'
import { type GeneratorCode, generatorBound, type LoadSecond, type Threshold } from '#evidence/load-document'
import type { Span } from '#evidence/measures'
import { latencyOfSecond, summaryOf } from '../engine/figures.ts'
import { loadVerdict } from '../engine/judge.ts'
import type { Driven } from '../engine/outside.ts'
import { FAULTS, type Metric } from '../k6/names.ts'
import { type K6Settings, settingsToEnv } from '../k6/settings.ts'
import { runK6 } from './run.ts'

/** VUs share only the clock; a busy machine starts them late. */
const CONNECT_MS = { least: 5_000, perUser: 20 }
const VUS_MAX = 4
const DRAIN_MS = { chat: 10_000, bot: 60_000 }
/** Lateness up to this is a timer's. */
const LATE_ALLOWED_MS = 5
const MEASURES = ['phantoms', 'unanswered', 'refused', 'apologies', 'redelivered', 'disconnected'] as const
/** The scripts judge each message: their counters are limits here. */
const PASSED = { verdict: 'pass', why: reason('checks-passed'), checks: [] } as const

export type K6LoadOptions = Partial<K6Settings> &
  Pick<K6Settings, 'nodes' | 'secret' | 'users' | 'ratePerSecond' | 'forMs'> & {
    workload: 'chat' | 'bot'
    seed: number
    /** Ends it with what was measured so far. */
    signal: AbortSignal
    onSecond(second: LoadSecond): void
    /** Of `findK6`. */
    k6: string
  }

/** One load test by k6, against nodes that are up. Throws K6_FAILED with what k6 said. */
export async function k6Load(options: K6LoadOptions): Promise<Driven> {
  const { workload, seed, signal, onSecond, k6, ...given } = options
  const { users } = given
  const vuCount = Math.min(VUS_MAX, workload === 'chat' ? users / 2 : users)
  const env = settingsToEnv({
    run: `k6-${seed}-${Date.now().toString(36)}`,
    connectMs: CONNECT_MS.least + users * CONNECT_MS.perUser,
    drainMs: DRAIN_MS[workload],
    ...given,
    vuCount,
  })
  const samples = new Samples()
  let told = 0
  const crossed = await runK6({
    k6,
    script: `loadtest/k6/${workload}.ts`,
    env,
    signal,
    onSample(line) {
      // A second later: k6 writes its samples a little late.
      for (const second = samples.add(line); told < second - 1; told += 1) onSecond(samples.second(told))
    },
  })
  const judged = samples.sum('judged')
  if (judged !== vuCount && !signal.aborted)
    throw new SetupError('K6_FAILED', `expected ${vuCount} VUs to judge their sends, ${judged} did: k6 ended the rest early`)
  const driven = drivenOf(samples, options, vuCount, crossed)
  for (const second of driven.perSecond.slice(told)) onSecond(second)
  return driven
}

/** Our scripts' samples by second of the measured part; the warm-up's are negative. */
class Samples {
  readonly #seconds = new Map<number, Map<Metric, number[]>>()

  // https://grafana.com/docs/k6/latest/results-output/real-time/json/
  /** @returns its second; -1 for a line that is not ours */
  add(line: string): number {
    if (!line.includes('"second":')) return -1
    const { metric, data } = JSON.parse(line) as { metric: Metric; data: { value: number; tags: { second: string } } }
    const second = Number(data.tags.second)
    const values = this.#seconds.get(second) ?? new Map<Metric, number[]>()
    this.#seconds.set(second, values)
    if (values.get(metric)?.push(data.value) === undefined) values.set(metric, [data.value])
    return second
  }

  /** @param second default: all */
  of(metric: Metric, second?: number): number[] {
    const seconds = second === undefined ? [...this.#seconds.values()] : [this.#seconds.get(second)]
    return seconds.flatMap(values => values?.get(metric) ?? [])
  }

  sum(metric: Metric, second?: number): number {
    return this.of(metric, second).reduce((sum, value) => sum + value, 0)
  }

  second(second: number): LoadSecond {
    const seen = this.of('seen_ms', second)
    return {
      second,
      offered: this.sum('offered', second),
      stored: this.of('stored_ms', second).length,
      delivered: seen.length,
      failed: this.sum('refused', second) + this.sum('apologies', second),
      latencyMs: latencyOfSecond(seen),
    }
  }

  /** All of them, those of the drain too. */
  seconds(): LoadSecond[] {
    return Array.from({ length: Math.max(-1, ...this.#seconds.keys()) + 1 }, (_, second) => this.second(second))
  }
}

/** Samples -> fields of the document. @param crossed k6's own verdict */
function drivenOf(samples: Samples, { workload, forMs, p99LimitMs = 0, signal }: K6LoadOptions, threads: number, crossed: boolean): Driven {
  const latency = (span: Span, metric: Metric) => summaryOf(span, samples.of(metric))
  const latencyMs = latency(workload === 'bot' ? 'due-to-answered' : 'due-to-seen', 'seen_ms')
  const late = latency('due-to-sent', 'late_ms')
  const atMost = (name: string, measure: string, limit: number, value: number): Threshold => ({
    name,
    measure,
    bound: 'at-most',
    limit,
    value,
    verdict: value <= limit ? 'pass' : 'fail',
  })
  const thresholds = FAULTS.map(fault => atMost(`none-${fault}`, fault, 0, samples.sum(fault)))
  if (p99LimitMs > 0) thresholds.push(atMost('seen-in-time', 'latencyMs.p99', p99LimitMs, latencyMs.p99))
  const perSecond = samples.seconds()
  // The second of an interrupt is not whole.
  const measured = perSecond.slice(0, signal.aborted ? -1 : undefined).filter(({ second }) => second < forMs / 1_000)
  const forS = signal.aborted ? Math.max(1, measured.length) : forMs / 1_000
  const rate = (key: 'offered' | 'delivered') => measured.reduce((sum, second) => sum + second[key], 0) / forS
  // A latency counts from the intended send: where half of its tail is k6's own, it tells of k6.
  const isBound = late.p99 > LATE_ALLOWED_MS && late.p99 > latencyMs.p99 / 2
  const because: GeneratorCode = 'late-beside-latency'
  const generator = { threads, lateP99Ms: late.p99, cpuPercent: 0, because }
  const nothing = latencyMs.count === 0 ? reason('nothing-measured') : undefined
  const voided = isBound ? generatorBound({ generator, latencyMs }) : nothing
  const verdict = loadVerdict(PASSED, thresholds, voided, latencyMs.count)
  return {
    ...(crossed && verdict.verdict !== 'fail' ? { verdict: 'fail', why: reason('k6-crossed') } : verdict),
    thresholds,
    perSecond,
    offeredPerSecond: rate('offered'),
    deliveredPerSecond: rate('delivered'),
    latencyMs,
    storedMs: latency('due-to-stored', 'stored_ms'),
    latencies: { late, ...(workload === 'bot' ? { ttft: latency('due-to-begun', 'ttft_ms') } : {}) },
    measures: Object.fromEntries(MEASURES.map(metric => [metric, samples.sum(metric)])),
    lost: samples.sum('lost'),
    duplicates: samples.sum('duplicates'),
    generatorBound: isBound,
    generator,
  }
}
