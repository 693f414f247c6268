import { draws } from '../../scenarios/predictor/random.ts'

/** Effect of one side over the other, by a bootstrap of one figure a run. Pure. */

export interface Effect {
  /** Geometric mean over the runs of each side. */
  from: number
  to: number
  /** `to` over `from`: 1 = the same. */
  ratio: number
  low: number
  high: number
  /** Runs a side at which the interval excludes 1, at this effect. Infinite: no effect. */
  runsNeeded: number
}

/** From this number of runs a side their own spread counts; below, the allowance too. */
export const RUNS_ENOUGH = 10

/** @param from a figure of each run, above 0 @param allowance deviation of the logarithm between
 *  runs @param alpha 0.05 = a 95 % interval */
export function effectOf(
  from: readonly number[],
  to: readonly number[],
  { allowance, alpha, resamples, seed }: { allowance: number; alpha: number; resamples: number; seed: number },
): Effect {
  const { uniform, normal } = draws(seed)
  const [a, b] = [from, to].map(side => side.map(Math.log)) as [number[], number[]]
  const redrawn = (side: readonly number[]) => {
    const moved = () => (side.length < RUNS_ENOUGH ? allowance * normal() : 0)
    return meanOf(side.map(() => side[Math.floor(uniform() * side.length)]! + moved()))
  }
  const differences = Float64Array.from({ length: resamples }, () => redrawn(b) - redrawn(a)).sort()
  const at = (share: number) => differences[Math.max(0, Math.ceil(share * resamples) - 1)]!
  const [effect, low, high] = [meanOf(b) - meanOf(a), at(alpha / 2), at(1 - alpha / 2)]
  // The width falls with the root of the number of runs.
  const runsNeeded = Math.ceil((2 * ((high - low) / 2 / effect) ** 2) / (1 / a.length + 1 / b.length))
  const { exp } = Math
  return { from: exp(meanOf(a)), to: exp(meanOf(b)), ratio: exp(effect), low: exp(low), high: exp(high), runsNeeded }
}

const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
