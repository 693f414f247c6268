import Table from 'cli-table3'
import { type Figures, makespanMs, orderOf, type Prediction, sharesOf } from '#predictor'
import { type Load, loadOf, loadPercent, NEARLY_FULL_PERCENT } from './load.ts'
import type { Described } from './model.ts'

/** A wait of this many times the ideal is worth a warning. */
const NOTABLE = 1.1

/** The result for a person: what it means first, then the figures, then what was asked. */
export function predictionText(args: Described, { figures, ideal, workers }: Prediction): string {
  const { waitMs, idealWaitMs, strandedPercent } = figures
  const idealOrder = orderOf(ideal.map(({ endedMs }) => endedMs))
  const rows = [
    ['wait, mean', duration(waitMs.mean), duration(idealWaitMs.mean)],
    ['wait, p50', duration(waitMs.p50), duration(idealWaitMs.p50)],
    ['wait, p95', duration(waitMs.p95), duration(idealWaitMs.p95)],
    ['wait, longest', duration(waitMs.max), duration(idealWaitMs.max)],
    ['all done after', duration(figures.makespanMs), duration(makespanMs(ideal))],
    ['tasks per worker', figures.shares.join(' / '), sharesOf(ideal, workers).join(' / ')],
    ['overtaken most, by tasks', String(figures.maxOvertakes), String(idealOrder.maxOvertakes)],
    ['order (tau, 1 = kept)', figures.tau.toFixed(3), idealOrder.tau.toFixed(3)],
    ['pairs inverted', String(figures.inversions), String(idealOrder.inversions)],
    ['stranded by hoarding', `${strandedPercent.hoarding.toFixed(1)} %`, ''],
    ['stranded by the round trip', `${strandedPercent.roundTrip.toFixed(1)} %`, ''],
  ]
  const table = new Table({
    head: ['', 'predicted', 'ideal'],
    style: { head: [], border: [], compact: true },
    colAligns: ['left', 'right', 'right'],
  })
  table.push(...rows)
  const load = loadOf(args)
  return [overloaded(load, args) ?? verdict(figures), ...warnings(load), table.toString(), assumptions(args, load)].join('\n')
}

/** Whatever the waits are then, they are longer with more tasks. */
function overloaded({ offered }: Load, { prefetchTasks, handOverMs }: Described): string | undefined {
  if (offered === undefined || offered.percentOfKept < 100) return undefined
  const end = 'the queue grows without end; waits here depend on --tasks alone.'
  if (offered.percentOfCapacity >= 100) return `OVERLOADED: offered load ${loadPercent(offered.percentOfCapacity)}: ${end}`
  const kept = `${loadPercent(offered.percentOfKept)} of what prefetch ${prefetchTasks.join(', ')} and hand-over ${handOverMs} ms leave`
  return `OVERLOADED: offered load ${loadPercent(offered.percentOfCapacity)}, ${kept}: ${end} A higher prefetch leaves more.`
}

function warnings({ offered }: Load): string[] {
  if (offered === undefined || offered.percentOfKept <= NEARLY_FULL_PERCENT || offered.percentOfKept >= 100) return []
  const load = loadPercent(offered.percentOfKept)
  return [
    `WARNING: offered load ${load} of what the workers can do: over ${NEARLY_FULL_PERCENT} % waits depend on --tasks and --seed most of all.`,
  ]
}

/** One line that says what it means. */
export function verdict({ waitMs, idealWaitMs, strandedPercent: { hoarding, roundTrip } }: Figures): string {
  const times = waitMs.p95 / idealWaitMs.p95
  const wait = `p95 wait ${duration(waitMs.p95)}`
  if (waitMs.p95 === 0) return `NO WAIT: ${wait}; 95 of 100 tasks start at once.`
  if (times < NOTABLE) return `NEAR IDEAL: ${wait}, the best first-in first-out is ${duration(idealWaitMs.p95)}.`
  const ratio =
    idealWaitMs.p95 === 0 ? 'where none is needed' : `${times.toFixed(times < 10 ? 1 : 0)} x the ideal ${duration(idealWaitMs.p95)}`
  if (hoarding >= 1 && hoarding >= roundTrip)
    return `HOARDING: ${wait}, ${ratio}: ${hoarding.toFixed(0)} % of the GPU capacity stood idle while tasks sat in another worker's buffer. Try a lower prefetch.`
  if (roundTrip >= 1)
    return `ROUND TRIP: ${wait}, ${ratio}: ${roundTrip.toFixed(0)} % of the GPU capacity stood idle between two tasks. Try prefetch = slots + 1.`
  return `LONGER THAN IDEAL: ${wait}, ${ratio}.`
}

function assumptions({ tasks, serviceMs, prefetchTasks, start, slots, handOverMs, seed }: Described, load: Load): string {
  const arrivals = start.kind === 'poisson' ? `poisson ${start.perSecond}/s, seed ${seed}` : start.kind
  const offered = load.offered === undefined ? '' : `, ${offeredText(load.offered, load.capacityPerSecond)}`
  const window = prefetchTasks.map(prefetch => (prefetch === 0 ? 'unlimited' : prefetch)).join(', ')
  return `Model: ${tasks} tasks (${arrivals}${offered}), ${serviceMs.join(' and ')} ms on ${serviceMs.length} worker(s), prefetch ${window}, ${slots} slot(s) each, hand-over ${handOverMs} ms.
Waits run to the start of the answer, order is counted by completion. Ideal: the same tasks and GPUs first-in first-out, no hand-over time.`
}

function offeredText({ percentOfCapacity, percentOfKept }: NonNullable<Load['offered']>, capacityPerSecond: number): string {
  const kept = percentOfKept > percentOfCapacity * 1.001 ? `, ${loadPercent(percentOfKept)} with this prefetch and hand-over` : ''
  return `offered load ${loadPercent(percentOfCapacity)} of ${Number(capacityPerSecond.toPrecision(3))}/s${kept}`
}

/** 850 -> `850 ms`, 17500 -> `17.5 s`, 1980000 -> `33.0 min`. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Number(ms.toFixed(ms < 10 ? 2 : 0))} ms`
  return ms < 120_000 ? `${(ms / 1_000).toFixed(1)} s` : `${(ms / 60_000).toFixed(1)} min`
}
