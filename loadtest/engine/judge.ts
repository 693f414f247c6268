import { type Reason, reason } from '#evidence/finding'
import type { ArmFacts, HistoryEvent } from '#evidence/history'
import { type JudgedArm, judgeArm } from '#evidence/judge'
import {
  GENERATOR_BUSY_MAX_PERCENT,
  type GeneratorCode,
  generatorBound,
  type LatencySummary,
  type LoadDocument,
} from '#evidence/load-document'
import { foreignCpu, LATE_MAX_MS, lateP99Ms, tooNoisy } from '#evidence/noise'
import type { SentRecord } from '../generator/messages.ts'
import type { LoadPlan } from '../workload.ts'
import { perSecond, summaryOf, valuesOf } from './figures.ts'
import { checksFor, lostAndDoubled } from './judged.ts'
import { latenciesOf, measuresOf, minus, thresholdsOf } from './measures.ts'
import { modelled } from './modelled.ts'
import type { PartUse } from './noise.ts'

/** From what was recorded of a load test to its figures and its verdict. Pure. */

/** What a run gives, without what only its caller knows: command, machine, commit. */
export type LoadResult = Omit<LoadDocument, 'command' | 'commit' | 'machine' | 'startedAt' | 'engine' | 'versions'> & {
  versions: { broker: string; database: string }
}

export interface Judging {
  plan: LoadPlan
  events: HistoryEvent[]
  facts: ArmFacts
  sent: SentRecord[]
  use: readonly PartUse[]
  fromMs: number
  busiest: number
  /** Of the generator, while it measured; other engines do not say. */
  generatorUse?: { cpuMs: number; machinePercent: number } | undefined
  share: number
  /** Of the model's replications. */
  seed?: number
  slo: { ttftMs: number; answerMs: number }
  threads: number
  idle: LatencySummary | undefined
  idleMeasures: Readonly<Record<string, number>>
  /** Parts that are not running at the end although nobody ended them. */
  ended: readonly string[]
}

export type Judged = Omit<LoadResult, 'seed' | 'runtime' | 'versions' | 'tookMs' | 'design' | 'timeScale' | 'taskQueueType' | 'set'>

export function judgeLoad(judging: Judging): Judged {
  const {
    plan,
    events,
    facts,
    sent,
    use,
    fromMs,
    busiest,
    share,
    seed = 1,
    slo,
    threads,
    idle,
    idleMeasures,
    ended,
    generatorUse,
  } = judging
  const history = { ...facts, events }
  const checks = checksFor(plan, facts.sequenced)
  const judged = judgeArm(history, checks, { name: 'load', role: 'claim' })
  const records = sent.filter(({ measured }) => measured)
  const latencies = { ...latenciesOf(records, history), ...(idle === undefined ? {} : { connect: idle }) }
  const chat = plan.traffic.some(({ kind }) => kind === 'chat')
  const latencyMs = summaryOf(
    chat ? 'due-to-seen' : 'due-to-answered',
    valuesOf(chat ? records.filter(({ kind }) => kind === 'chat') : records, r => minus(r.seenMs, r.dueMs)),
  )
  const storedMs = summaryOf(
    'due-to-stored',
    valuesOf(records, r => minus(r.storedMs, r.dueMs)),
  )
  const seconds = perSecond(records, fromMs)
  // Not spread: a closed loop sends more than a call takes arguments.
  const tookMs = records.reduce((latest, { dueMs }) => Math.max(latest, dueMs - fromMs), 1)
  const input = { plan, records, latencies, latencyMs, storedMs, use, fromMs, tookMs: plan.forMs, slo }
  const closed = plan.traffic.some(({ outstanding }) => outstanding > 0)
  const lateMs = closed ? 0 : lateP99Ms(history)
  const because: GeneratorCode = lateMs > LATE_MAX_MS ? 'late' : busiest > GENERATOR_BUSY_MAX_PERCENT ? 'busy' : 'kept-up'
  const generator = { threads, lateP99Ms: lateMs, cpuPercent: busiest, because, ...generatorUse }
  const isBound = because !== 'kept-up'
  const generatorCpuMs = generatorUse?.cpuMs
  const measures = { ...measuresOf({ ...input, generatorCpuMs }), ...idleMeasures }
  const voided = isBound ? generatorBound({ generator, latencyMs }) : tooNoisy(history)
  const thresholds = thresholdsOf(plan, measures, voided !== undefined)
  const counted = lostAndDoubled(history)
  const { mean, worst } = foreignCpu(history)
  // In a closed loop the arrivals follow from the waits.
  const model = closed || share < 1 ? undefined : modelled(history, seed)
  const { trace, ...planned } = plan
  const forS = Math.min(plan.forMs, tookMs) / 1_000
  const inTime = records.filter(({ seenMs }) => seenMs !== undefined && seenMs - fromMs <= plan.forMs)
  return {
    schemaVersion: 2,
    kind: 'load',
    workload: plan.workload,
    ...named(ended, loadVerdict(judged, thresholds, records.length === 0 ? reason('nothing-measured') : voided, inTime.length)),
    plan: { ...planned, traffic: plan.traffic.map(({ prompts, ...rest }) => ({ ...rest, prompts: prompts.length })) },
    facts,
    checks: judged.checks,
    judgedShare: share,
    thresholds,
    offeredPerSecond: records.length / forS,
    deliveredPerSecond: inTime.length / forS,
    latencyMs,
    storedMs: storedMs.count === 0 ? null : storedMs,
    latencies,
    measures,
    ...counted,
    perSecond: seconds,
    generatorBound: isBound,
    generator,
    noise: { beforePercent: 0, duringPercent: mean, worstPercent: worst, afterPercent: 0 },
    parts: [...use],
    events: events.length,
    ...(model === undefined ? {} : { model }),
    ...(trace === undefined ? {} : { trace }),
  }
}

type Outcome = Pick<LoadResult, 'verdict' | 'why'>

/** A part exited, by the load or from outside. A failure stays; nothing else passed. */
function named(ended: readonly string[], { verdict, why }: Outcome): Outcome {
  if (ended.length === 0) return { verdict, why }
  return { verdict: verdict === 'fail' ? 'fail' : 'unknown', why: reason('part-ended', { parts: ended.join(', ') }, why) }
}

/** Correctness first, then the limits; `voided` is why times say nothing. */
export function loadVerdict(
  judged: Readonly<Pick<JudgedArm, 'verdict' | 'why'> & { checks: readonly unknown[] }>,
  thresholds: LoadResult['thresholds'],
  voided: Reason | undefined,
  delivered: number,
): Outcome {
  if (judged.verdict === 'fail') return { verdict: 'fail', why: judged.why }
  const broken = thresholds.find(({ verdict }) => verdict === 'fail')
  if (broken !== undefined) {
    const { name, measure, bound, limit, value } = broken
    return { verdict: 'fail', why: reason('limit-broken', { name, measure, bound, limit, value }) }
  }
  if (judged.verdict !== 'pass') return { verdict: 'unknown', why: judged.why }
  if (voided !== undefined) return { verdict: 'unknown', why: voided }
  const unknown = thresholds.find(({ verdict }) => verdict === 'unknown')
  if (unknown !== undefined) return { verdict: 'unknown', why: reason('limit-unjudged', { name: unknown.name }) }
  return { verdict: 'pass', why: reason('load-held', { checks: judged.checks.length, limits: thresholds.length, delivered }) }
}
