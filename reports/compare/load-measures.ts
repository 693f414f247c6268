import type { HistoryEvent } from '#evidence/history'
import { eventsOf, type History } from '#evidence/history'
import type { LoadDocument } from '#evidence/load-document'
import type { Sample } from '../model/waits.ts'
import { quantileOf, rateOf, wholeOf } from './estimator.ts'
import type { Comparable } from './measure.ts'
import { deliverySamples, waitMeasures } from './scenario-measures.ts'

/** What of a load test can be compared with another's: out of its raw samples where it recorded them, else out of its own figures. Pure. */

export function loadMeasures(load: LoadDocument, events: readonly HistoryEvent[]): Comparable[] {
  const { seen, stored } = samplesOf(load, events)
  return [
    ...(seen.length > 0 ? latencies('latency', 'latency', load.latencyMs.about, seen) : ofWhole(load)),
    ...(stored.length > 0 ? latencies('stored', 'until stored', load.storedMs?.about ?? 'intended send until stored', stored) : []),
    ...waits(load, events),
    ...(seen.length > 0 ? [delivered(load)] : []),
    ...cpu(load),
  ]
}

/** How many took how long; empty where the engine kept no single events. */
export function loadCurves(load: LoadDocument, events: readonly HistoryEvent[]): { name: string; values: number[] }[] {
  const { seen, stored } = samplesOf(load, events)
  return [
    { name: load.latencyMs.about, samples: seen },
    { name: load.storedMs?.about ?? 'stored', samples: stored },
  ]
    .filter(({ samples }) => samples.length > 0)
    .map(({ name, samples }) => ({ name, values: samples.map(({ value }) => value) }))
}

function samplesOf({ facts }: LoadDocument, events: readonly HistoryEvent[]): { seen: Sample[]; stored: Sample[] } {
  if (facts === null || events.length === 0) return { seen: [], stored: [] }
  const history: History = { ...facts, events }
  return { seen: [...deliverySamples(history), ...answerSamples(history)], stored: storedSamples(history) }
}

function latencies(key: string, label: string, about: string, samples: readonly Sample[]): Comparable[] {
  const curve = { label, values: samples.map(({ value }) => value) }
  const of = (share: number) => quantileOf(samples, share)
  return [
    { measure: `${key}P50Ms`, label: `p50 ${label}`, about, unit: 'ms', better: 'lower', estimator: of(0.5), curve },
    { measure: `${key}P99Ms`, label: `p99 ${label}`, about, unit: 'ms', better: 'lower', estimator: of(0.99) },
  ]
}

/** Intended send until the asker saw the whole answer. */
function answerSamples(history: History): Sample[] {
  const due = dueOf(history)
  const tasks = new Map(
    eventsOf(history, 'stored').flatMap(({ task, user, clientMessageId }) => {
      const dueMs = due.get(`${user}:${clientMessageId}`)
      return task === undefined || dueMs === undefined ? [] : [[task, dueMs] as const]
    }),
  )
  return eventsOf(history, 'shown').flatMap(({ task = '', answered, atMs }) => {
    const dueMs = tasks.get(task)
    if (answered !== true || dueMs === undefined) return []
    tasks.delete(task)
    return [{ atMs: dueMs, value: atMs - dueMs }]
  })
}

function storedSamples(history: History): Sample[] {
  const due = dueOf(history)
  return eventsOf(history, 'stored').flatMap(({ user, clientMessageId, atMs }) => {
    const dueMs = due.get(`${user}:${clientMessageId}`)
    return dueMs === undefined ? [] : [{ atMs: dueMs, value: atMs - dueMs }]
  })
}

/** When each message of the measured part was meant to be sent. */
function dueOf(history: History): Map<string, number> {
  const fromMs = eventsOf(history, 'measured').at(-1)?.atMs ?? Number.NEGATIVE_INFINITY
  const sends = eventsOf(history, 'send').filter(({ atMs }) => atMs >= fromMs)
  return new Map(sends.map(send => [`${send.user}:${send.clientMessageId}`, send.dueMs ?? send.atMs]))
}

/** Of prompts: until the inference begins, as in a scenario. */
function waits({ facts }: LoadDocument, events: readonly HistoryEvent[]): Comparable[] {
  if (facts === null || !events.some(({ kind }) => kind === 'inference')) return []
  return waitMeasures({ ...facts, events }).filter(({ measure }) => measure === 'waitP95Ms')
}

/** An engine that keeps no single events has its own figures: nothing can be drawn from them, so that the allowance alone is their interval. */
function ofWhole(load: LoadDocument): Comparable[] {
  const named = Object.entries(load.latencies)
  const summaries = named.length > 0 ? named : [['latency', load.latencyMs] as const]
  return [
    ...summaries.flatMap(([name, summary]) =>
      (['p50', 'p99'] as const).map((rank): Comparable => {
        const estimator = wholeOf(summary[rank], summary.count)
        return {
          measure: `${name}${rank.toUpperCase()}Ms`,
          label: `${rank} ${name}`,
          about: `${summary.about}; of the run as a whole`,
          unit: 'ms',
          better: 'lower',
          estimator,
        }
      }),
    ),
    ...Object.entries(load.measures)
      .filter(([name, value]) => name.endsWith('PerSecond') && value > 0)
      .map(([name, value]): Comparable => {
        const label = name.replace(/PerSecond$/, ' a second')
        const estimator = wholeOf(value, load.latencyMs.count)
        return { measure: name, label, about: 'of the run as a whole', unit: 'perSecond', better: 'higher', estimator }
      }),
  ]
}

/** Of the measured seconds; those of the drain have nothing offered. */
function delivered({ perSecond }: LoadDocument): Comparable {
  const measured = perSecond.filter(({ offered }) => offered > 0)
  const done = measured.flatMap(({ second, delivered: count }) => Array.from({ length: count }, () => ({ atMs: 1_000 * second + 500 })))
  const open = measured.map(({ second }) => ({ fromMs: 1_000 * second, toMs: 1_000 * (second + 1) }))
  return {
    measure: 'deliveredPerSecond',
    label: 'delivered',
    about: 'seen by those they were for, per measured second',
    unit: 'perSecond',
    better: 'higher',
    estimator: rateOf(done, open),
  }
}

function cpu({ parts, perSecond, measures }: LoadDocument): Comparable[] {
  const count = perSecond.reduce((sum, { delivered: each }) => sum + each, 0)
  const cpuMs = parts.reduce((sum, part) => sum + part.cpuMs, 0)
  if (count === 0 || cpuMs === 0) return []
  return [
    {
      measure: 'cpuPerMessageUs',
      label: 'CPU per message',
      about: 'CPU time of all parts together, divided by what was delivered',
      unit: 'us',
      better: 'lower',
      estimator: wholeOf(measures['cpuMicrosecondsPerMessage'] ?? (1_000 * cpuMs) / count, count),
    },
  ]
}
