import type { History, HistoryEvent } from '#evidence/history'
import type { LatencySummary, LoadDocument } from '#evidence/load-document'
import { type Measure, measureNamed, ranksOf } from '#evidence/measures'
import { summarise } from '#predictor'
import { spanText } from '../load/words.ts'
import { askedOf, windowOf } from '../model/asked.ts'
import { totalMs } from '../model/spans.ts'
import { spansAbove, waitingSteps } from '../model/steps.ts'
import { idealWaits, measuredWaits } from '../model/waits.ts'
import { loadWays, waysOf } from '../model/ways.ts'

/** What of a run can be compared with another's: one value a measure. Pure. */
export interface Figure extends Pick<Measure, 'name' | 'label' | 'unit'> {
  better: 'lower' | 'higher'
  allowance: number
  about: string
  value: number
  /** How many waits, messages or prompts stand behind it. */
  samples: number
  /** All of them, for the picture. Milliseconds. */
  curve?: readonly number[]
}

/** Below this an ideal wait is nothing to divide by. Milliseconds. */
const IDEAL_LEAST_MS = 5
/** Of what only one engine counts. */
const OTHER_ALLOWANCE = 0.3

function figure(of: string | Measure, value: number, samples: number, more: Partial<Figure> = {}): Figure {
  const { name, label, unit, better = 'lower', allowance = OTHER_ALLOWANCE, about = '' } = typeof of === 'string' ? measureNamed(of)! : of
  return { name, label, unit, better, allowance, about, value, samples, ...more }
}

/** Of prompts their waits, of messages between people their deliveries. */
export function armFigures(history: History): Figure[] {
  const window = windowOf(history)
  const asked = askedOf(history, window)
  const waits = measuredWaits(asked, window)
  const { p50, p95 } = summarise(waits)
  const idealP95 = summarise(idealWaits(history) ?? []).p95
  const started = asked.filter(({ startedMs }) => startedMs !== undefined).length
  const busySeconds = totalMs(spansAbove(waitingSteps(asked), window)) / 1_000
  const { delivered } = waysOf(history)
  const delivery = summarise(delivered)
  return [
    figure('waitP50Ms', p50, waits.length),
    figure('waitP95Ms', p95, waits.length, { curve: waits }),
    ...(idealP95 < IDEAL_LEAST_MS ? [] : [figure('waitOverIdeal', p95 / idealP95, waits.length)]),
    figure('answersPerBusySecond', started / busySeconds, started),
    figure('deliveryP50Ms', delivery.p50, delivered.length),
    figure('deliveryP95Ms', delivery.p95, delivered.length, { curve: delivered }),
  ].filter(({ samples }) => samples > 0)
}

/** A load test's figures; other engines have their own names. */
export function loadFigures(load: LoadDocument, events: readonly HistoryEvent[]): Figure[] {
  const { latencyMs, storedMs, latencies, deliveredPerSecond, measures, engine, parts, perSecond } = load
  const { seen, stored } = loadWays(load, events)
  const wait = latencies['gpuWait']
  const cpuMs = parts.reduce((sum, part) => sum + part.cpuMs, 0)
  const delivered = perSecond.reduce((sum, each) => sum + each.delivered, 0)
  const ofMessages = () => [
    ...ranks('latency', latencyMs, seen),
    ...(storedMs === null ? [] : ranks('stored', storedMs, stored)),
    ...(wait === undefined ? [] : [figure('waitP95Ms', wait.p95, wait.count)]),
    figure('deliveredPerSecond', deliveredPerSecond, latencyMs.count),
  ]
  return [
    ...(engine === 'autocannon' ? Object.entries(latencies).flatMap(([route, of]) => routeFigures(route, of, measures)) : ofMessages()),
    figure('cpuPerMessageUs', measures['cpuMicrosecondsPerMessage'] ?? (1_000 * cpuMs) / delivered, delivered),
  ].filter(({ samples }) => samples > 0)
}

function ranks(name: string, summary: LatencySummary, curve: readonly number[] = []): Figure[] {
  const { count } = summary
  const about = spanText(summary)
  const [p50, , p99] = ranksOf(name, name).map(row => measureNamed(row.name) ?? row)
  return [figure(p50!, summary.p50, count, { about, curve }), figure(p99!, summary.p99, count, { about })]
}

function routeFigures(route: string, summary: LatencySummary, measures: Readonly<Record<string, number>>): Figure[] {
  const rate: Measure = { name: `${route}PerSecond`, label: `${route} a second`, unit: 'perSecond', better: 'higher' }
  const perSecond = measures[rate.name]
  return [...ranks(route, summary), ...(perSecond === undefined ? [] : [figure(rate, perSecond, summary.count)])]
}
