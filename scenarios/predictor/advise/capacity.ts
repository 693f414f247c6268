import { p95WaitOf } from './estimate.ts'
import { arrivingPerSecond, fleetPerSecond, type Question } from './question.ts'
import type { Situation, Trials } from './trial.ts'

/** How many GPUs an SLO needs. Pure. */

export interface Needed {
  /** The kind that is added; null: none is. */
  of: number | null
  /** GPUs of that kind on top; undefined: more than the most that is tried. */
  more: number | undefined
  /** Wait of 95 of 100 with them. Milliseconds. */
  p95WaitMs: number | undefined
  /** Of all workers, where every kind has a price. A card-hour is one card for one hour. */
  costPerHour: number | undefined
}

export interface Capacity {
  perSecond: number | undefined
  /** Without another GPU 95 of 100 start within the SLO. */
  enough: boolean
  needed: Needed[]
}

const BATCHES = 3
export const MORE_MAX = 128

/** Prefetch = slots everywhere. @param growth of the arrivals
 *  @param costs of a card-hour, by kind */
export function capacityOf(
  question: Question,
  trials: Trials,
  { growth, costs }: { growth: number; costs: readonly (number | undefined)[] },
): Capacity {
  const { kinds, fleet, link, sloMs } = question
  const arriving = arrivingPerSecond(question)
  const perSecond = arriving === undefined ? undefined : arriving * growth
  const p95Of = (workers: readonly number[]): number => {
    if (perSecond !== undefined && fleetPerSecond(question, workers) <= perSecond) return Number.POSITIVE_INFINITY
    const situation: Situation = { fleet: workers, perSecond, link }
    const batches = trials.batches(situation, { prefetch: workers.map(kind => kinds[kind]!.slots) }, 0, BATCHES)
    return p95WaitOf(batches).value
  }
  const costOf = (workers: readonly number[]) =>
    workers.every(kind => costs[kind] !== undefined) ? workers.reduce((sum, kind) => sum + costs[kind]!, 0) : undefined
  const now = p95Of(fleet)
  const enough = now <= sloMs
  if (enough) return { perSecond, enough, needed: [{ of: null, more: 0, p95WaitMs: now, costPerHour: costOf(fleet) }] }
  const needed = kinds.map((_, of): Needed => {
    const withMore = (more: number) => [...fleet, ...Array.from({ length: more }, () => of)]
    const tried = new Map<number, number>()
    const more = leastThat(MORE_MAX, count => {
      tried.set(count, p95Of(withMore(count)))
      return tried.get(count)! <= sloMs
    })
    if (more === undefined) return { of, more, p95WaitMs: undefined, costPerHour: undefined }
    return { of, more, p95WaitMs: tried.get(more), costPerHour: costOf(withMore(more)) }
  })
  return { perSecond, enough, needed }
}

/** Doubling, then halving: what is enough stays enough with more. */
function leastThat(most: number, isEnough: (count: number) => boolean): number | undefined {
  let high = 1
  while (!isEnough(high)) {
    if (high >= most) return undefined
    high = Math.min(most, 2 * high)
  }
  let low = high >> 1
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (isEnough(middle)) high = middle
    else low = middle
  }
  return high
}
