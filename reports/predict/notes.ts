import { BATCHING, type Described } from '../../scenarios/predictor/described.ts'
import { type Load, loadPercent, NEARLY_FULL_PERCENT } from '../../scenarios/predictor/offered-load.ts'
import { gpuAssumptions } from '../advise/notes.ts'
import { tooLongText } from '../replay/too-long.ts'
import { counted, listed } from '../words.ts'
import type { Held } from './held.ts'
import { unfilledSlots } from './slots.ts'
import { duration } from './text.ts'
import type { VerdictName } from './verdict.ts'

/** What a prediction rests on, in sentences. Pure. */

/** What makes its figures doubtful, whatever the verdict. */
export function warningsOf({ offered }: Load, held: Held): string[] {
  const isNearlyFull = offered !== undefined && offered.percentOfKept > NEARLY_FULL_PERCENT && offered.percentOfKept < 100
  return [
    isNearlyFull
      ? `WARNING: offered load ${loadPercent(offered.percentOfKept)} of what the workers can do: over ${NEARLY_FULL_PERCENT} % waits depend on --tasks and --seed most of all.`
      : [],
    held.tooLong.length > 0
      ? `WARNING: a worker holds a task for up to ${duration(held.maxMs)} (${heldText(held)}). RabbitMQ takes it back after ${duration(held.timeoutMs)} (consumer_timeout; yours: --consumer-timeout). Up to 4.2 it closes the channel, and all that the worker holds comes again; 4.3 cancels the consumer. These figures leave that out: npm run scenario -- hoarded-too-long`
      : [],
  ].flat()
}

const heldText = ({ tooLong, timeoutMs }: Held) =>
  `longer than ${duration(timeoutMs)}: ${listed(tooLong.map(({ worker, tasks }) => `${counted(tasks, 'task')} at ${worker}`))}`

/** @param window the prefetch in words */
export function modelLine(args: Described, load: Load, window = prefetchText(args)): string {
  const { tasks, slots, gapMs } = args
  const offered = load.offered === undefined ? '' : `, ${offeredText(load.offered, load.capacityPerSecond)}`
  return `Model: ${counted(tasks, 'task')} (${arrivals(args)}${offered}), ${workersText(args)}, ${window}, ${slotsText(slots)}, gap ${gapMs} ms.`
}

/** Assumptions that decide the figures. @param verdict what it says already is left out */
export function assumptionsOf(args: Described, verdict?: VerdictName): string[] {
  const { gapMs, gpus } = args
  const slots = Math.max(...args.slots)
  const curve = Array.from({ length: Math.min(slots, BATCHING.length) }, (_, i) => BATCHING[i])
  const beyond = slots > BATCHING.length ? ', no more beyond' : ''
  const unfilled = unfilledSlots(args)
  return [
    gapMs === 0
      ? "Assumed: no gap between inferences, so prefetch 1 costs nothing. Give yours as --gap-ms; npm run demo -- --real prints the lab's."
      : [],
    slots > 1 && gpus === undefined
      ? `Assumed, not measured: a batching gain, the curve of the simulated GPUs: 1 to ${curve.length} streams do ${curve.join(', ')} x the work of one${beyond}.`
      : [],
    args.tooLong === undefined || args.tooLong.rows === 0 ? [] : `Of the trace: ${tooLongText(args.tooLong)} (--long-prompts).`,
    gpus === undefined ? [] : gpuAssumptions(gpus, args.start.kind === 'trace'),
    unfilled === undefined || verdict === 'UNFILLED SLOTS' ? [] : unfilled,
  ].flat()
}

function workersText({ serviceMs, gpus, work }: Described): string {
  if (gpus === undefined) return `${serviceMs.join(' and ')} ms on ${counted(serviceMs.length, 'worker')}`
  const times = gpus.kinds.map(({ name }, kind) => `${name} ${duration(serviceMs[gpus.fleet.indexOf(kind)] ?? 0)}`)
  const lengths =
    work === undefined
      ? ''
      : `prompts of ${Math.round(work.tokens.prompt)} and answers of ${Math.round(work.tokens.answer)} tokens on average, `
  return `${lengths}alone on ${listed(times)} (${gpus.model}), ${counted(gpus.fleet.length, 'worker')}`
}

const slotsText = (slots: readonly number[]) =>
  new Set(slots).size === 1 ? `${counted(slots[0] ?? 1, 'slot')} each` : `${slots.join(', ')} slots`

const prefetchText = ({ prefetchTasks }: Described) =>
  `prefetch ${prefetchTasks.map(prefetch => (prefetch === 0 ? 'unlimited' : prefetch)).join(', ')}`

function arrivals({ start, startText, seed, gpus }: Described): string {
  if (start.kind === 'poisson') return `poisson ${start.perSecond}/s, seed ${seed}`
  if (start.kind !== 'trace') return start.kind
  const file = startText.replace(/^trace:/, '')
  return gpus === undefined ? `arrivals alone of ${file}, all tasks alike` : `arrivals and lengths of ${file}`
}

function offeredText({ percentOfCapacity, percentOfKept }: NonNullable<Load['offered']>, capacityPerSecond: number): string {
  const kept = percentOfKept > percentOfCapacity * 1.001 ? `, ${loadPercent(percentOfKept)} with this prefetch and gap` : ''
  return `offered load ${loadPercent(percentOfCapacity)} of ${Number(capacityPerSecond.toPrecision(3))}/s${kept}`
}
