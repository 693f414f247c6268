import type { History, HistoryEvent } from '#evidence/history'
import type { LatencySummary, LoadDocument } from '#evidence/load-document'
import { type Measure, measureNamed } from '#evidence/measures'
import { summarise } from '#predictor'
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

function figure(name: string, value: number, samples: number, more: Partial<Figure> = {}): Figure {
  const { label, unit, better = 'lower', allowance = OTHER_ALLOWANCE, about = '' } = measureNamed(name) ?? unknownMeasure(name)
  return { name, label, unit, better, allowance, about, value, samples, ...more }
}

/** `wsConnectP99Ms` -> `p99 wsConnect`, `requestsPerSecond` -> `requests a second`. */
function unknownMeasure(name: string): Measure {
  const [, of = name, rank = ''] = /^(.+)(P\d\d)Ms$/.exec(name) ?? []
  return { name, label: rank === '' ? name.replace(/PerSecond$/, ' a second') : `${rank.toLowerCase()} ${of}`, unit: 'ms' }
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
  const { count } = latencyMs
  const own = engine === 'built-in' ? [] : Object.entries(latencies)
  const { seen, stored } = loadWays(load, events)
  const wait = engine === 'built-in' ? latencies['gpuWait'] : undefined
  const cpuMs = parts.reduce((sum, part) => sum + part.cpuMs, 0)
  const delivered = perSecond.reduce((sum, each) => sum + each.delivered, 0)
  return [
    ...(own.length > 0 ? own.flatMap(([name, of]) => ranks(name, of)) : ranks('latency', latencyMs, seen)),
    ...(storedMs === null || own.length > 0 ? [] : ranks('stored', storedMs, stored)),
    ...(wait === undefined ? [] : [figure('waitP95Ms', wait.p95, wait.count)]),
    ...(engine === 'built-in' ? [figure('deliveredPerSecond', deliveredPerSecond, count)] : rates(measures, count)),
    figure('cpuPerMessageUs', measures['cpuMicrosecondsPerMessage'] ?? (1_000 * cpuMs) / delivered, delivered),
  ].filter(({ samples }) => samples > 0)
}

function ranks(name: string, { about, count, p50, p99 }: LatencySummary, curve: readonly number[] = []): Figure[] {
  return [
    figure(`${name}P50Ms`, p50, count, { about, ...(curve.length === 0 ? {} : { curve }) }),
    figure(`${name}P99Ms`, p99, count, { about }),
  ]
}

function rates(measures: Readonly<Record<string, number>>, samples: number): Figure[] {
  const named = Object.entries(measures).filter(([name]) => name.endsWith('PerSecond'))
  return named.map(([name, value]) => figure(name, value, samples, { unit: 'perSecond', better: 'higher' }))
}
