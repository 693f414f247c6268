import { eventsOf, type History, sendKey } from '#evidence/history'
import type { LatencySummary, Threshold } from '#evidence/load-document'
import { measureNamed } from '#evidence/measures'
import { nearestRank } from '#predictor'
import { windowOf } from '../generator/arrivals.ts'
import type { SentRecord } from '../generator/messages.ts'
import type { LoadPlan } from '../workload.ts'
import { summaryOf, tpotMs, valuesOf } from './figures.ts'
import { gapSteps } from './gap-steps.ts'
import type { PartUse } from './noise.ts'

/** Named figures of a load test, and what its limits make of them. Pure. */

/** Start of a window, where the one before still runs: not compared. Share. */
const WINDOW_SETTLES_SHARE = 0.2

export function latenciesOf(records: readonly SentRecord[], history: History): Record<string, LatencySummary> {
  const bot = records.filter(({ kind }) => kind === 'bot')
  const chat = records.filter(({ kind }) => kind === 'chat')
  const named: Record<string, LatencySummary> = {
    sentToSeen: summaryOf(
      'sent-to-seen',
      valuesOf(chat, r => minus(r.seenMs, r.sentMs)),
    ),
    late: summaryOf(
      'due-to-sent',
      valuesOf(records, r => r.sentMs - r.dueMs),
    ),
    ttft: summaryOf(
      'due-to-begun',
      valuesOf(bot, r => minus(r.firstMs, r.dueMs)),
    ),
    tpot: summaryOf('token-to-token', valuesOf(bot, tpotMs)),
    answer: summaryOf(
      'due-to-answered',
      valuesOf(bot, r => minus(r.seenMs, r.dueMs)),
    ),
    gpuWait: summaryOf('due-to-inferred', gpuWaits(history)),
    reconnect: summaryOf('offline-to-online', reconnects(history)),
  }
  const some = Object.fromEntries(Object.entries(named).filter(([, { count }]) => count > 0))
  return { ...some, ...gapSteps(history) }
}

/** undefined where the first is. */
export const minus = (a: number | undefined, b: number) => (a === undefined ? undefined : a - b)

function gpuWaits(history: History): number[] {
  const fromMs = eventsOf(history, 'measured').at(-1)?.atMs ?? 0
  const due = new Map(eventsOf(history, 'send').map(event => [sendKey(event.user, event.clientMessageId), event.dueMs ?? event.atMs]))
  const asked = new Map(eventsOf(history, 'stored').map(event => [event.task, due.get(sendKey(event.user, event.clientMessageId))]))
  return eventsOf(history, 'inference').flatMap(({ task, attempt, startedAtMs }) => {
    const dueMs = asked.get(task)
    return attempt > 1 || startedAtMs === undefined || dueMs === undefined || dueMs < fromMs ? [] : [startedAtMs - dueMs]
  })
}

function reconnects(history: History): number[] {
  const away = new Map<string, number>()
  const took: number[] = []
  for (const event of history.events) {
    if (event.kind === 'offline' && !away.has(event.device)) away.set(event.device, event.atMs)
    if (event.kind !== 'online') continue
    const sinceMs = away.get(event.device)
    if (sinceMs !== undefined) took.push(event.atMs - sinceMs)
    away.delete(event.device)
  }
  return took
}

export interface MeasuresInput {
  plan: LoadPlan
  /** Measured ones. */
  records: readonly SentRecord[]
  latencies: Readonly<Record<string, LatencySummary>>
  latencyMs: LatencySummary
  storedMs: LatencySummary
  use: readonly PartUse[]
  /** When measuring began, on the records' clock, and how long it took. */
  fromMs: number
  tookMs: number
  /** Bot: what counts as good. Milliseconds. */
  slo: { ttftMs: number; answerMs: number }
  generatorCpuMs?: number | undefined
}

export function measuresOf(input: MeasuresInput): Record<string, number> {
  const { plan, records, latencies, latencyMs, storedMs, use, tookMs, slo, generatorCpuMs } = input
  const delivered = records.filter(({ seenMs }) => seenMs !== undefined)
  const failed = records.filter(({ failed: code }) => code !== undefined)
  const bot = records.filter(({ kind }) => kind === 'bot')
  const good = bot.filter(
    r => r.firstMs !== undefined && r.seenMs !== undefined && r.firstMs - r.dueMs <= slo.ttftMs && r.seenMs - r.dueMs <= slo.answerMs,
  )
  const cpuMs = use.reduce((sum, part) => sum + part.cpuMs, 0)
  const each = Object.entries(latencies).flatMap(([name, { p50, p95, p99 }]) => [
    [`${name}P50Ms`, p50],
    [`${name}P95Ms`, p95],
    [`${name}P99Ms`, p99],
  ])
  const open = plan.traffic.every(({ outstanding }) => outstanding === 0)
  return {
    messages: records.length,
    delivered: delivered.length,
    failed: failed.length,
    ...(records.length > 0 ? { deliveredPercent: (100 * delivered.length) / records.length } : {}),
    // Of nothing there is no latency: a limit on it is then unknown and not held.
    ...(latencyMs.count > 0 ? { latencyP50Ms: latencyMs.p50, latencyP95Ms: latencyMs.p95, latencyP99Ms: latencyMs.p99 } : {}),
    ...(storedMs.count > 0 ? { storedP50Ms: storedMs.p50, storedP99Ms: storedMs.p99 } : {}),
    ...Object.fromEntries(each),
    ...(bot.length > 0 ? { goodputPerSecond: (1_000 * good.length) / tookMs, goodputPercent: (100 * good.length) / bot.length } : {}),
    ...(delivered.length > 0 && cpuMs > 0 ? { cpuMicrosecondsPerMessage: (1_000 * cpuMs) / delivered.length } : {}),
    ...(delivered.length > 0 && generatorCpuMs !== undefined
      ? { generatorMicrosecondsPerMessage: (1_000 * generatorCpuMs) / delivered.length }
      : {}),
    ...(open ? {} : { closedLoop: 1 }),
    ...windowMeasures(input),
  }
}

/** Chat beside the bot: the windows in which prompts are sent against those in which none are. */
function windowMeasures({ plan, records, fromMs }: MeasuresInput): Record<string, number> {
  if (plan.windows < 2) return {}
  const lengthMs = plan.forMs / plan.windows
  const of = (odd: number) =>
    records
      .filter(({ kind, dueMs }) => {
        const atMs = dueMs - fromMs
        const window = windowOf(atMs, plan.forMs, plan.windows)
        return kind === 'chat' && window % 2 === odd && atMs - window * lengthMs >= WINDOW_SETTLES_SHARE * lengthMs
      })
      .flatMap(({ seenMs, dueMs }) => (seenMs === undefined ? [] : [seenMs - dueMs]))
      .sort((a, b) => a - b)
  const [alone, beside] = [of(0), of(1)]
  if (alone.length === 0 || beside.length === 0) return {}
  return {
    chatAloneP50Ms: nearestRank(alone, 0.5),
    chatAloneP99Ms: nearestRank(alone, 0.99),
    chatBesideBotP50Ms: nearestRank(beside, 0.5),
    chatBesideBotP99Ms: nearestRank(beside, 0.99),
    chatSlowedByBotP50Ratio: nearestRank(beside, 0.5) / nearestRank(alone, 0.5),
    chatSlowedByBotP99Ratio: nearestRank(beside, 0.99) / nearestRank(alone, 0.99),
  }
}

/** @param voided times say nothing */
export function thresholdsOf(plan: LoadPlan, measures: Readonly<Record<string, number>>, voided: boolean): Threshold[] {
  return plan.limits.map(({ name, measure, bound, limit, timed }) => {
    const value = measures[measure]
    const held = value !== undefined && (bound === 'at-most' ? value <= limit : value >= limit)
    // A percentile of those that arrived is none of all: what never arrived is the slowest of them.
    const rank = measureNamed(measure)?.percentile ?? 0
    const tooFew = held && rank > (measures['deliveredPercent'] ?? 100)
    const verdict = value === undefined || tooFew ? 'unknown' : held ? 'pass' : timed && voided ? 'unknown' : 'fail'
    return { name, measure, bound, limit, value: value ?? 0, verdict }
  })
}
