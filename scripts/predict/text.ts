import Table from 'cli-table3'
import { type Figures, makespanMs, orderOf, type Prediction, sharesOf } from '#predictor'
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
  return [verdict(figures), table.toString(), assumptions(args)].join('\n')
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

function assumptions({ tasks, serviceMs, prefetchTasks, start, slots, handOverMs, seed }: Described): string {
  const arrivals = start.kind === 'poisson' ? `poisson ${start.perSecond}/s, seed ${seed}` : start.kind
  const window = prefetchTasks.map(tasks => (tasks === 0 ? 'unlimited' : tasks)).join(', ')
  return `Model: ${tasks} tasks (${arrivals}), ${serviceMs.join(' and ')} ms on ${serviceMs.length} worker(s), prefetch ${window}, ${slots} slot(s) each, hand-over ${handOverMs} ms.
Waits run to the start of the answer, order is counted by completion. Ideal: the same tasks and GPUs first-in first-out, no hand-over time.`
}

/** 850 -> `850 ms`, 17500 -> `17.5 s`, 1980000 -> `33.0 min`. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Number(ms.toFixed(ms < 10 ? 2 : 0))} ms`
  return ms < 120_000 ? `${(ms / 1_000).toFixed(1)} s` : `${(ms / 60_000).toFixed(1)} min`
}
