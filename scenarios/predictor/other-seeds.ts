import { type Described, predicted } from './described.ts'

/** How far a p95 wait depends on chance. Pure. */

export interface OtherSeeds {
  seeds: number
  /** Lowest and highest p95 wait. Milliseconds. */
  lowMs: number
  highMs: number
}

const SEEDS = 19
/** Fewer say little. */
const SEEDS_MIN = 5
/** All of them together: a second or two. */
const TASKS_MAX = 200_000

/** Undefined where nothing is drawn, or too much.
 *  @param at the same arguments with another seed */
export function otherSeeds({ start, gpus, tasks, seed }: Described, at: (seed: number) => Described): OtherSeeds | undefined {
  const seeds = Math.min(SEEDS, Math.floor(TASKS_MAX / tasks))
  if ((start.kind !== 'poisson' && gpus === undefined) || seeds < SEEDS_MIN) return undefined
  const p95 = Array.from({ length: seeds }, (_, i) => predicted(at(seed + i + 1)).figures.waitMs.p95)
  return { seeds, lowMs: Math.min(...p95), highMs: Math.max(...p95) }
}
