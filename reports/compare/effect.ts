import { type Estimator, measured } from './estimator.ts'
import { type Random, random } from './random.ts'

/** How much one side of a comparison differs from the other, with its interval. Pure. */

export interface Effect {
  /** Geometric mean over the runs of each side. */
  from: number
  to: number
  /** `to` over `from`: 1 = the same. */
  ratio: number
  low: number
  high: number
}

export interface EffectOptions {
  seed: number
  /** Deviation of the logarithm between runs of one commit, beyond what their stretches of time show. */
  drift: number
  /** 0.05 = a 95 % interval. */
  alpha: number
  /** Default 4,000. */
  resamples?: number
}

/** From so many runs on a side, how much they differ shows what a machine's drift does; with fewer it is allowed for. */
export const RUNS_ENOUGH = 10

/** Runs are drawn with replacement, then stretches of time in each; where a side has few runs, each is moved by the stated allowance besides. */
export function effectOf(
  from: readonly Estimator[],
  to: readonly Estimator[],
  { seed, drift, alpha, resamples = 4_000 }: EffectOptions,
): Effect {
  const draws = random(seed)
  const whole = (side: readonly Estimator[]) => meanOf(side.map(each => Math.log(measured(each))))
  const [a, b] = [whole(from), whole(to)]
  const differences = new Float64Array(resamples)
  for (let i = 0; i < resamples; i += 1) differences[i] = redrawn(to, drift, draws) - redrawn(from, drift, draws)
  differences.sort()
  const at = (share: number) => differences[Math.max(0, Math.min(resamples - 1, Math.ceil(share * resamples) - 1))]!
  return { from: Math.exp(a), to: Math.exp(b), ratio: Math.exp(b - a), low: Math.exp(at(alpha / 2)), high: Math.exp(at(1 - alpha / 2)) }
}

function redrawn(side: readonly Estimator[], drift: number, draws: Random): number {
  let sum = 0
  for (let i = 0; i < side.length; i += 1) {
    const run = side[side.length === 1 ? 0 : Math.floor(draws.uniform() * side.length)]!
    const value = Math.log(redrawnRun(run, draws))
    sum += side.length < RUNS_ENOUGH ? value + drift * draws.normal() : value
  }
  return sum / side.length
}

function redrawnRun({ blocks, estimate }: Estimator, draws: Random): number {
  if (blocks === 1) return estimate([1])
  // Stretches in which nothing was measured may be all that is drawn.
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const weights = new Uint8Array(blocks)
    for (let i = 0; i < blocks; i += 1) weights[Math.floor(draws.uniform() * blocks)]! += 1
    const value = estimate(weights)
    if (value > 0 && Number.isFinite(value)) return value
  }
  return estimate(new Uint8Array(blocks).fill(1))
}

const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
