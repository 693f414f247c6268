import { type Reason, reason } from './finding.ts'
import { eventsOf, type History } from './history.ts'
import { gapMeanMs, promptsOf } from './schedule.ts'

/** What a prediction rests on, beside the plan: the gap between two inferences, measured before the run. */

/** How it is written down among the expected measures. */
export const GAP = 'gapMeanMs'

/** Why a prediction says nothing of this arm: its gaps were such as no replication assumed, as when a disk is slow for a moment. undefined where they
 *  were not, and where the history holds none to compare. */
export function gapChanged(history: History): Reason | undefined {
  const assumed = eventsOf(history, 'expected').find(({ measure }) => measure === GAP)
  if (assumed === undefined) return undefined
  const gapMs = gapMeanMs(promptsOf(history), history)
  if (gapMs === 0 || (gapMs >= assumed.low && gapMs <= assumed.high)) return undefined
  return reason('gap-changed', { beforeMs: assumed.value, duringMs: gapMs })
}
