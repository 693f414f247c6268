import { ModelError, type Prediction } from '#predictor'
import type { Arm } from '../../scenarios/experiment/hour/state.ts'
import { type Described, predicted } from '../../scenarios/predictor/described.ts'
import { loadOf } from '../../scenarios/predictor/offered-load.ts'
import { mostWaiting } from '../model/over-time.ts'
import { type PredictionVerdict, verdictOf } from '../predict/verdict.ts'
import { describedOf } from './question.ts'
import type { State } from './state.ts'

/** What the predictor answers, both settings on the same draws. Pure. */

export interface SideAnswer {
  args: Described
  prediction: Prediction
  verdict: PredictionVerdict
  /** Of all waits, those over the SLO. */
  latePercent: number
  arm: Arm
}

export interface Answer {
  sides: [SideAnswer, SideAnswer]
  /** Asked, in percent of all that the GPUs can do; undefined for a burst or a backlog. */
  offeredPercent: number | undefined
  /** Of side A's slots. */
  capacityPerSecond: number
  /** The last answer of either side. Milliseconds. */
  endMs: number
  /** The most people that wait at once, on either side. */
  peak: number
}

/** The model counts nanoseconds, exactly up to 104 days. */
const DAYS_MAX = 100
const DAY_MS = 86_400_000

/** Throws ModelError where it would take too long. */
export function answerOf(state: State): Answer {
  const [a, b] = [describedOf(state, 0), describedOf(state, 1)]
  const mostDays = (a.tasks * (Math.max(...a.serviceMs) + a.gapMs)) / DAY_MS
  if (mostDays > DAYS_MAX)
    throw new ModelError(`expected work of at most ${DAYS_MAX} days, got up to ${Math.ceil(mostDays)}: fewer questions, or shorter ones`)
  const first = sideOf(state, a, 0)
  // Prefetch, priority and gap do not change the ideal: slots do.
  const second = sideOf(state, b, 1, a.slots === b.slots ? first.prediction.ideal : undefined)
  const sides: Answer['sides'] = [first, second]
  const endMs = Math.max(1, ...sides.flatMap(({ prediction }) => prediction.schedule.map(({ endedMs }) => endedMs)))
  const { offered, capacityPerSecond } = loadOf(a)
  const peak = Math.max(1, ...sides.map(({ arm }) => mostWaiting(arm, endMs)))
  return { sides, offeredPercent: offered?.percentOfCapacity, capacityPerSecond, endMs, peak }
}

function sideOf(state: State, args: Described, side: 0 | 1, ideal?: Prediction['ideal']): SideAnswer {
  const prediction = predicted(args, ideal)
  const { schedule, workers } = prediction
  const place = new Map(workers.map(({ name }, index) => [name, index]))
  const late = schedule.filter(({ publishedMs, startedMs }) => startedMs - publishedMs > state.sloMs).length
  return {
    args,
    prediction,
    verdict: verdictOf(args, prediction, loadOf(args)),
    latePercent: (100 * late) / schedule.length,
    arm: {
      title: titleOf(state, side),
      gpus: state.gpus.map(gpuTitle),
      tasks: schedule.map(({ publishedMs, deliveredMs, startedMs, endedMs, worker }) => ({
        arrivedAtMs: publishedMs,
        deliveredAtMs: deliveredMs,
        startedAtMs: startedMs,
        endedAtMs: endedMs,
        gpu: place.get(worker),
      })),
    },
  }
}

/** `GPU 1, rtx-4090`: two may be alike. */
export function gpuTitle(gpu: string | number, index: number): string {
  return `GPU ${index + 1}, ${typeof gpu === 'number' ? `${gpu} ms` : gpu}`
}

/** `A: prefetch 250, 1`. */
export function titleOf({ sides }: State, side: 0 | 1): string {
  const { orders, slots } = sides[side]
  const list = orders.map(({ prefetch }) => (prefetch === 0 ? 'unlimited' : String(prefetch)))
  const alike = new Set(list).size === 1 ? list.slice(0, 1) : list
  const more = [
    slots === 1 ? '' : `, ${slots} slots`,
    orders.some(({ priority }) => priority !== 0) ? ', priorities' : '',
    orders.some(({ backlogMin }) => backlogMin > 0) ? ', threshold' : '',
  ]
  return `${'AB'[side]}: prefetch ${alike.join(', ')}${more.join('')}`
}
