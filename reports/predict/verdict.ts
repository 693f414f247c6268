import { makespanMs, orderOf, type Prediction } from '#predictor'
import type { Described } from '../../scenarios/predictor/described.ts'
import { type Load, loadPercent } from '../../scenarios/predictor/offered-load.ts'
import { unfilledSlots } from './slots.ts'
import { duration } from './text.ts'

/** What a prediction comes to. Pure. */

export type VerdictName = 'OVERLOADED' | 'NO WAIT' | 'NEAR IDEAL' | 'UNFILLED SLOTS' | 'HOARDING' | 'ROUND TRIP' | 'LONGER THAN IDEAL'
export type BoundedMeasure = 'waitP95' | 'waitMax' | 'makespan' | 'hoarding'

export interface PredictionVerdict {
  name: VerdictName
  /** The measure furthest out of bounds; undefined = none, or the load makes them meaningless. */
  worst: BoundedMeasure | undefined
  /** What was found, the name first. */
  finding: string
  /** One paragraph: finding, cause and remedy. */
  text: string
}

/** Near ideal is within all of these. p95 alone misses a burst's end: 300 tasks on 13, 37 and 111
 *  ms with prefetch 7 have the ideal p95, but 1.18 x the longest wait and 13 % stranded. */
export const BOUNDS = { waitRatio: 1.1, makespanRatio: 1.05, hoardingPercent: 5 } as const
/** Half a task of the fastest worker is always allowed. */
const UNNOTICED_TASKS = 0.5
/** Overtakes of one task above twice the ideal worth a mention. */
const OVERTAKES_MORE = 10

interface Judged {
  measure: BoundedMeasure
  within: boolean
  /** How far beyond the ideal, in units of what the bound allows. */
  excess: number
  /** As the first of the line, and among others. */
  long: string
  short: string
}

export function verdictOf(args: Described, { figures, ideal }: Prediction, load: Load): PredictionVerdict {
  const overload = overloaded(args, load)
  if (overload !== undefined) return verdict('OVERLOADED', undefined, overload)
  const { waitMs, idealWaitMs, strandedPercent } = figures
  const judged = [
    time('waitP95', 'p95 wait', waitMs.p95, idealWaitMs.p95, BOUNDS.waitRatio, args),
    time('waitMax', 'longest wait', waitMs.max, idealWaitMs.max, BOUNDS.waitRatio, args),
    time('makespan', 'all done after', figures.makespanMs, makespanMs(ideal), BOUNDS.makespanRatio, args),
    hoarding(strandedPercent.hoarding),
  ]
  // Stable: of equals the p95 first.
  const [worst, ...others] = judged.toSorted((a, b) => (a.excess === b.excess ? 0 : b.excess - a.excess))
  if (worst === undefined || judged.every(one => one.within))
    return within(figures, orderOf(ideal.map(({ endedMs }) => endedMs)).maxOvertakes, judged)
  const rest = judged.filter(one => others.includes(one)).map(one => one.short)
  const { name, why } = cause(args, strandedPercent, worst.measure)
  return verdict(name, worst.measure, `${worst.long} (${rest.join(', ')}).`, why)
}

function verdict(name: VerdictName, worst: BoundedMeasure | undefined, found: string, why = ''): PredictionVerdict {
  return { name, worst, finding: `${name}: ${found}`, text: `${name}: ${found} ${why}`.trim() }
}

function within(
  { waitMs, idealWaitMs, maxOvertakes }: Prediction['figures'],
  idealOvertakes: number,
  judged: readonly Judged[],
): PredictionVerdict {
  const others = judged.slice(1).map(one => one.short)
  const overtaken =
    maxOvertakes > 2 * idealOvertakes + OVERTAKES_MORE
      ? `Only the order suffers: one task is overtaken by ${maxOvertakes}, ideally by ${idealOvertakes}.`
      : ''
  if (waitMs.p95 === 0)
    return verdict('NO WAIT', undefined, `p95 wait 0 ms; 95 of 100 tasks start at once (${others.join(', ')}).`, overtaken)
  const best = `the best first-in first-out is ${duration(idealWaitMs.p95)}`
  return verdict('NEAR IDEAL', undefined, `p95 wait ${duration(waitMs.p95)}, ${best} (${others.join(', ')}).`, overtaken)
}

function time(measure: BoundedMeasure, name: string, ms: number, idealMs: number, ratioMax: number, { serviceMs }: Described): Judged {
  const unnoticed = ms - idealMs <= UNNOTICED_TASKS * Math.min(...serviceMs)
  // Infinite where none is needed.
  const excess = unnoticed ? 0 : (ms / idealMs - 1) / (ratioMax - 1)
  const ratio = idealMs === 0 ? (ms === 0 ? '0 ms' : `${duration(ms)} where none is needed`) : `${timesText(ms / idealMs)} x`
  const long = idealMs === 0 ? `${name} ${ratio}` : `${name} ${duration(ms)}, ${ratio} the ideal ${duration(idealMs)}`
  return { measure, within: unnoticed || ms <= ratioMax * idealMs, excess, long, short: `${name} ${ratio}` }
}

function hoarding(percent: number): Judged {
  const share = `${percent.toFixed(percent < 10 ? 1 : 0)} %`
  return {
    measure: 'hoarding',
    within: percent <= BOUNDS.hoardingPercent,
    excess: percent / BOUNDS.hoardingPercent,
    long: `${share} stranded by hoarding`,
    short: `stranded by hoarding ${share}`,
  }
}

const timesText = (times: number) => times.toFixed(times < 2 ? 2 : times < 10 ? 1 : 0)

function cause(
  args: Described,
  stranded: Prediction['figures']['strandedPercent'],
  worst: BoundedMeasure,
): { name: VerdictName; why: string } {
  const unfilled = unfilledSlots(args)
  if (unfilled !== undefined && stranded.hoarding <= BOUNDS.hoardingPercent) return { name: 'UNFILLED SLOTS', why: unfilled }
  if (stranded.hoarding >= 1 && stranded.hoarding >= stranded.roundTrip) {
    const share = worst === 'hoarding' ? 'So much' : `${stranded.hoarding.toFixed(0)} %`
    return {
      name: 'HOARDING',
      why: `${share} of the GPU capacity stood idle while tasks sat in another worker's buffer. Try a lower prefetch.`,
    }
  }
  if (stranded.roundTrip >= 1) {
    const share = `${stranded.roundTrip.toFixed(0)} %`
    return { name: 'ROUND TRIP', why: `${share} of the GPU capacity stood idle between two tasks. Try prefetch = slots + 1.` }
  }
  return { name: 'LONGER THAN IDEAL', why: '' }
}

/** Whatever the waits are then, they are longer with more tasks. */
function overloaded({ prefetchTasks, gapMs, ...args }: Described, { offered }: Load): string | undefined {
  if (offered === undefined || offered.percentOfKept < 100) return undefined
  const end = 'the queue grows without end; waits here depend on --tasks alone.'
  if (offered.percentOfCapacity >= 100) return `offered load ${loadPercent(offered.percentOfCapacity)}: ${end}`
  const kept = `${loadPercent(offered.percentOfKept)} of what prefetch ${prefetchTasks.join(', ')} and gap ${gapMs} ms leave`
  const remedy = unfilledSlots({ ...args, prefetchTasks }) ?? 'A higher prefetch leaves more.'
  return `offered load ${loadPercent(offered.percentOfCapacity)}, ${kept}: ${end} ${remedy}`
}
