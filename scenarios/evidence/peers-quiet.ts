import { FOREIGN_CPU_MAX_PERCENT } from './noise.ts'
import type { PeerSample } from './peers-document.ts'

/** Which pieces of a comparison count: not by their figures, but by what other processes took. */

export const isQuiet = ({ foreignPercent }: Pick<PeerSample, 'foreignPercent'>): boolean => foreignPercent <= FOREIGN_CPU_MAX_PERCENT

/** The quiet ones; all of them where there is none. */
export function quietOf<S extends Pick<PeerSample, 'foreignPercent'>>(samples: readonly S[]): readonly S[] {
  const quiet = samples.filter(isQuiet)
  return quiet.length > 0 ? quiet : samples
}
