import type { PeerSample } from '#evidence/peers-document'
import { isQuiet } from '#evidence/peers-quiet'

/** A system's place in the turns. */
export interface Turn<S> {
  /** Quiet ones that are wanted. */
  repetitions: number
  samples: S[]
}

/** On a machine that never gets quiet it ends after this many times the rounds that are wanted. */
export const ROUNDS_MAX = 2

/** A B C, A B C, until each has its repetitions. A round that other processes disturbed ends at
 *  once and is followed by another; what was measured in it is kept and does not count. */
export async function inTurn<S extends Pick<PeerSample, 'foreignPercent'>, T extends Turn<S>>(
  { repetitions }: { repetitions: number },
  turns: readonly T[],
  measure: (turn: T, repetition: number) => Promise<S>,
): Promise<void> {
  let quiet = 0
  for (let round = 0; quiet < repetitions && round < ROUNDS_MAX * repetitions; round += 1) {
    let disturbed = false
    for (const turn of turns) {
      if (disturbed || quiet >= turn.repetitions) continue
      const sample = await measure(turn, round)
      turn.samples.push(sample)
      disturbed = !isQuiet(sample)
    }
    if (!disturbed) quiet += 1
  }
}
