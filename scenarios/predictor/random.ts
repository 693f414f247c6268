import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

export interface Draws {
  /** In [0, 1). */
  uniform(): number
  /** Mean 0 and deviation 1. */
  normal(): number
}

/** One sequence of draws, the same for a seed on every machine. */
export function draws(seed: number): Draws {
  const generator = xoroshiro128plus(seed)
  const uniform = () => uniformFloat64(generator)
  // `1 -`: the logarithm of 0 is none.
  return { uniform, normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()) }
}
