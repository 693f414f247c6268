import type { LatencySummary, LoadSecond } from '#evidence/load-document'
import type { Span } from '#evidence/measures'
import { nearestRank } from '#predictor'
import type { SentRecord } from '../generator/messages.ts'

/** Figures from each message's result. Pure. */

export function summaryOf(about: Span, values: readonly number[]): LatencySummary {
  const sorted = values.toSorted((a, b) => a - b)
  return {
    about,
    count: sorted.length,
    mean: sorted.reduce((sum, value) => sum + value, 0) / Math.max(1, sorted.length),
    p50: nearestRank(sorted, 0.5),
    p90: nearestRank(sorted, 0.9),
    p95: nearestRank(sorted, 0.95),
    p99: nearestRank(sorted, 0.99),
    max: sorted.at(-1) ?? 0,
  }
}

/** A value of each record that has one. */
export function valuesOf(records: readonly SentRecord[], value: (record: SentRecord) => number | undefined): number[] {
  return records.flatMap(record => value(record) ?? [])
}

/** @param fromMs start of measuring, on the records' clock */
export function perSecond(records: readonly SentRecord[], fromMs: number): LoadSecond[] {
  const seconds: (Omit<LoadSecond, 'latencyMs'> & { latencies: number[] })[] = []
  const at = (ms: number) => {
    const second = Math.max(0, Math.floor((ms - fromMs) / 1_000))
    while (seconds.length <= second) seconds.push({ second: seconds.length, offered: 0, stored: 0, delivered: 0, failed: 0, latencies: [] })
    return seconds[second]!
  }
  for (const { dueMs, storedMs, seenMs, failed, sentMs } of records) {
    at(dueMs).offered += 1
    if (storedMs !== undefined) at(storedMs).stored += 1
    if (failed !== undefined) at(sentMs).failed += 1
    if (seenMs === undefined) continue
    const second = at(seenMs)
    second.delivered += 1
    second.latencies.push(seenMs - dueMs)
  }
  return seconds.map(({ latencies, ...rest }) => ({ ...rest, latencyMs: latencyOfSecond(latencies) }))
}

/** Null: nothing was delivered in it. */
export function latencyOfSecond(latenciesMs: readonly number[]): LoadSecond['latencyMs'] {
  const sorted = Float64Array.from(latenciesMs).sort()
  return sorted.length === 0 ? null : { p50: nearestRank(sorted, 0.5), p99: nearestRank(sorted, 0.99), max: sorted.at(-1) ?? 0 }
}

/** Time per token from an answer's first piece to its end. Undefined if it came in one. */
export function tpotMs({ firstMs, seenMs, answerTokens }: SentRecord): number | undefined {
  if (firstMs === undefined || seenMs === undefined || answerTokens === undefined || answerTokens < 2 || seenMs <= firstMs) return undefined
  return (seenMs - firstMs) / (answerTokens - 1)
}
