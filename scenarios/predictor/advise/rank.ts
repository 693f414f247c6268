import { nearestRank } from '#predictor'
import { TIE_PERCENT } from '../described.ts'
import { type Batch, type Estimate, type Outcome, outcomeOf, p95WaitOf, pairedDifference } from './estimate.ts'
import type { Question } from './question.ts'
import type { Setting, Situation, Trials } from './trial.ts'

/** Settings tried on the same tasks, and the best of them. */

export interface Ranked {
  setting: Setting
  outcome: Outcome
  /** Of the p95 waits, over the best: 1.1 = 10 % longer. */
  ratio: number
}

export interface Ranking {
  /** As tried. */
  rows: Ranked[]
  best: Ranked
  /** The interval of the best one's p95 wait is as narrow as asked for. */
  precise: boolean
}

/** Clearly worse by more than this: not tried any further. */
const OUT_PERCENT = 3
/** Half an interval, of its value. */
const PRECISE_PERCENT = 7
const FIRST_BATCHES = 5
const MORE_BATCHES = 3
const BATCHES_MAX = 17
/** Nobody waits: a ratio needs something below the line. */
const LEAST_MS = 1

/** Rounds of batches until the best one's interval is narrow, or the batches are used up.
 *  @param unnoticedMs nobody notices a difference below it */
export function ranked(
  trials: Trials,
  situation: Situation,
  settings: readonly Setting[],
  { question, unnoticedMs }: { question: Question; unnoticedMs: number },
): Ranking {
  const isFixed = question.arrivals.kind === 'trace'
  const tried = settings.map(setting => ({ setting, batches: trials.batches(situation, setting, 0, FIRST_BATCHES) }))
  for (let count = FIRST_BATCHES; ; count += MORE_BATCHES) {
    const left = isFixed ? tried : tried.filter(each => each.batches.length === count)
    const best = bestOf(left.map(each => ({ ...each, p95: p95WaitOf(each.batches) })))
    const precise = isPrecise(best.p95, unnoticedMs)
    if (isFixed || precise || count >= BATCHES_MAX) {
      const rows = tried.map(({ setting, batches }) => {
        const outcome = outcomeOf(batches, question.sloMs)
        return { setting, outcome, ratio: outcome.waitMs.p95.value / Math.max(best.p95.value, LEAST_MS) }
      })
      return { rows, best: rows.find(row => row.setting === best.setting)!, precise }
    }
    for (const each of left) {
      if (clearlyWorse(best.batches, each.batches, unnoticedMs)) continue
      each.batches = [...each.batches, ...trials.batches(situation, each.setting, count, count + MORE_BATCHES)]
    }
  }
}

/** The least p95 wait, in a tie the least that is held. */
function bestOf<T extends { setting: Setting; p95: Estimate }>(rows: readonly T[]): T {
  const leastMs = Math.min(...rows.map(row => row.p95.value))
  const equal = rows.filter(row => row.p95.value <= leastMs * (1 + TIE_PERCENT / 100))
  return equal.reduce((best, row) => (heldOf(row.setting) < heldOf(best.setting) ? row : best))
}

const heldOf = ({ prefetch }: Setting) => prefetch.reduce((sum, one) => sum + (one === 0 ? Number.POSITIVE_INFINITY : one), 0)

const isPrecise = ({ value, low, high }: Estimate, unnoticedMs: number) =>
  (high - low) / 2 <= Math.max(unnoticedMs, (PRECISE_PERCENT / 100) * value)

function clearlyWorse(best: readonly Batch[], other: readonly Batch[], unnoticedMs: number): boolean {
  const p95 = (batches: readonly Batch[]) => batches.map(({ waitMs }) => nearestRank(waitMs, 0.95))
  const [bestMs, otherMs] = [p95(best), p95(other)]
  const meanMs = bestMs.reduce((sum, ms) => sum + ms, 0) / bestMs.length
  return pairedDifference(bestMs, otherMs).low > Math.max(unnoticedMs, (OUT_PERCENT / 100) * meanMs)
}
