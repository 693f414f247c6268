import Table from 'cli-table3'
import { makespanMs, orderOf, type Prediction, sharesOf } from '#predictor'
import { type Load, loadOf, loadPercent, NEARLY_FULL_PERCENT } from './load.ts'
import type { Described } from './model.ts'
import { duration } from './text.ts'
import { verdictOf } from './verdict.ts'

/** The result for a person: what it means first, then the figures, then what was asked. */
export function predictionText(args: Described, prediction: Prediction): string {
  const { figures, ideal, workers } = prediction
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
  return [verdictOf(args, prediction, load).text, ...warnings(load), table.toString(), assumptions(args, load)].join('\n')
}

function warnings({ offered }: Load): string[] {
  if (offered === undefined || offered.percentOfKept <= NEARLY_FULL_PERCENT || offered.percentOfKept >= 100) return []
  const load = loadPercent(offered.percentOfKept)
  return [
    `WARNING: offered load ${load} of what the workers can do: over ${NEARLY_FULL_PERCENT} % waits depend on --tasks and --seed most of all.`,
  ]
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
