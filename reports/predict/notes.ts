import { resolveSettings } from '#contracts/settings'
import type { Prediction } from '#predictor'
import { BATCHING, type Described } from '../../scenarios/predictor/described.ts'
import { type Load, loadPercent, NEARLY_FULL_PERCENT } from '../../scenarios/predictor/offered-load.ts'
import { counted } from '../words.ts'
import { unfilledSlots } from './slots.ts'
import { duration } from './text.ts'
import type { VerdictName } from './verdict.ts'

/** What a prediction rests on, in sentences. Pure. */

/** What makes its figures doubtful, whatever the verdict. */
export function warningsOf({ offered }: Load, { heldMaxMs }: Pick<Prediction['figures'], 'heldMaxMs'>): string[] {
  const isNearlyFull = offered !== undefined && offered.percentOfKept > NEARLY_FULL_PERCENT && offered.percentOfKept < 100
  const { consumerTimeoutMs } = resolveSettings()
  return [
    isNearlyFull
      ? `WARNING: offered load ${loadPercent(offered.percentOfKept)} of what the workers can do: over ${NEARLY_FULL_PERCENT} % waits depend on --tasks and --seed most of all.`
      : [],
    heldMaxMs > consumerTimeoutMs
      ? `WARNING: a worker holds a task for up to ${duration(heldMaxMs)}. RabbitMQ takes it back after ${duration(consumerTimeoutMs)} by default, and these figures leave that out: npm run scenario -- hoarded-too-long`
      : [],
  ].flat()
}

/** @param window the prefetch in words */
export function modelLine(args: Described, load: Load, window = prefetchText(args)): string {
  const { tasks, serviceMs, slots, gapMs } = args
  const offered = load.offered === undefined ? '' : `, ${offeredText(load.offered, load.capacityPerSecond)}`
  const workers = `${serviceMs.join(' and ')} ms on ${counted(serviceMs.length, 'worker')}`
  return `Model: ${counted(tasks, 'task')} (${arrivals(args)}${offered}), ${workers}, ${window}, ${counted(slots, 'slot')} each, gap ${gapMs} ms.`
}

/** Assumptions that decide the figures. @param verdict what it says already is left out */
export function assumptionsOf(args: Described, verdict?: VerdictName): string[] {
  const { slots, gapMs } = args
  const curve = Array.from({ length: Math.min(slots, BATCHING.length) }, (_, i) => BATCHING[i])
  const beyond = slots > BATCHING.length ? ', no more beyond' : ''
  const unfilled = unfilledSlots(args)
  return [
    gapMs === 0
      ? "Assumed: no gap between inferences, so prefetch 1 costs nothing. Give yours as --gap-ms; npm run demo -- --real prints the lab's."
      : [],
    slots > 1
      ? `Assumed, not measured: a batching gain, the curve of the simulated GPUs: 1 to ${curve.length} streams do ${curve.join(', ')} x the work of one${beyond}.`
      : [],
    unfilled === undefined || verdict === 'UNFILLED SLOTS' ? [] : unfilled,
  ].flat()
}

const prefetchText = ({ prefetchTasks }: Described) =>
  `prefetch ${prefetchTasks.map(prefetch => (prefetch === 0 ? 'unlimited' : prefetch)).join(', ')}`

function arrivals({ start, startText, seed }: Described): string {
  if (start.kind === 'poisson') return `poisson ${start.perSecond}/s, seed ${seed}`
  return start.kind === 'trace' ? `arrivals alone of ${startText.replace(/^trace:/, '')}, all tasks alike` : start.kind
}

function offeredText({ percentOfCapacity, percentOfKept }: NonNullable<Load['offered']>, capacityPerSecond: number): string {
  const kept = percentOfKept > percentOfCapacity * 1.001 ? `, ${loadPercent(percentOfKept)} with this prefetch and gap` : ''
  return `offered load ${loadPercent(percentOfCapacity)} of ${Number(capacityPerSecond.toPrecision(3))}/s${kept}`
}
