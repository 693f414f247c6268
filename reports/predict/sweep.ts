import type { Prediction } from '#predictor'
import { type Described, predicted, SWEPT_PREFETCHES, TIE_PERCENT } from '../../scenarios/predictor/described.ts'
import { loadOf } from '../../scenarios/predictor/offered-load.ts'
import { type Held, heldOf } from './held.ts'
import { type PredictionVerdict, verdictOf } from './verdict.ts'

/** One prediction per prefetch, and the best of them. Pure. */

export interface SweepRow {
  /** As if it had been asked for. */
  args: Described
  prefetch: number
  figures: Prediction['figures']
  verdict: PredictionVerdict
  held: Held
}

export interface Sweep {
  rows: SweepRow[]
  best: SweepRow
  /** The same for all. */
  ideal: Prediction['ideal']
  workers: Prediction['workers']
}

/** @param onPrefetch told before each is run */
export function sweepOf(given: Described, onPrefetch: (prefetch: number) => void = () => {}): Sweep {
  let first: Prediction | undefined
  const rows = SWEPT_PREFETCHES.map((prefetch): SweepRow => {
    onPrefetch(prefetch)
    const args = { ...given, prefetchTasks: [prefetch] }
    const prediction = predicted(args, first?.ideal)
    first ??= prediction
    return {
      args,
      prefetch,
      figures: prediction.figures,
      verdict: verdictOf(args, prediction, loadOf(args)),
      held: heldOf(args, prediction),
    }
  })
  if (first === undefined) throw new Error('a sweep has prefetches')
  return { rows, best: bestOf(rows), ideal: first.ideal, workers: first.workers }
}

/** The least p95 wait, in a tie the smallest prefetch. @param rows ascending, one at least */
export function bestOf(rows: readonly SweepRow[]): SweepRow {
  const leastMs = Math.min(...rows.map(row => row.figures.waitMs.p95))
  const best = rows.find(row => row.figures.waitMs.p95 <= leastMs * (1 + TIE_PERCENT / 100))
  if (best === undefined) throw new Error('expected at least one row')
  return best
}
