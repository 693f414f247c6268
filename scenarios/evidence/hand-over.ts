import { eventsOf, type History } from './history.ts'
import { gapMeanMs, promptsOf } from './schedule.ts'

/** What a prediction rests on, beside the plan: the price of a hand-over, measured before the run. */

/** How it is written down among the expected measures. */
export const HAND_OVER = 'gapMeanMs'

/** Why a prediction says nothing of this arm: its hand-overs cost what no replication assumed, as when a disk is slow for a moment. undefined where they did
 *  not, and in histories of before, which do not tell. */
export function handOverChanged(history: History): string | undefined {
  const assumed = eventsOf(history, 'expected').find(({ measure }) => measure === HAND_OVER)
  if (assumed === undefined) return undefined
  const gapMs = gapMeanMs(promptsOf(history))
  if (gapMs === 0 || (gapMs >= assumed.low && gapMs <= assumed.high)) return undefined
  return `cannot be told: a hand-over took ${assumed.value.toFixed(1)} ms before the run and ${gapMs.toFixed(1)} ms in it`
}
