import { type Reason, reason } from './finding.ts'
import { eventsOf, type History } from './history.ts'
import { gapMeanMs, promptsOf } from './schedule.ts'

/** A prediction's base beside the plan: the gap between inferences, measured before the run. */

/** How it is written down among the expected measures. */
export const GAP = 'gapMeanMs'

/** Gaps outside any replication (a slow disk): the prediction says nothing. undefined: they fit. */
export function gapChanged(history: History): Reason | undefined {
  const assumed = eventsOf(history, 'expected').find(({ measure }) => measure === GAP)
  if (assumed === undefined) return undefined
  const gapMs = gapMeanMs(promptsOf(history), history)
  if (gapMs === 0 || (gapMs >= assumed.low && gapMs <= assumed.high)) return undefined
  return reason('gap-changed', { beforeMs: assumed.value, duringMs: gapMs })
}
