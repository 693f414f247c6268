import { attemptsBounded } from './attempts.ts'
import { duplicate, lost, order, phantom, sequence, wrongAddressee } from './delivery.ts'
import { allAnswered, answeredOnce, conservation } from './tasks.ts'
import type { Check } from './verdict.ts'
import { drainedEmpty, prefetch, slots, startedInOrder } from './workers.ts'

/** Hand-over that the tests' valid histories stay within. Scenarios measure their own. Milliseconds. */
const TOLERANCE_MS = 5

/** Every check there is, by name. */
export const ALL_CHECKS: readonly Check[] = [
  lost,
  phantom,
  duplicate,
  order,
  wrongAddressee,
  sequence,
  answeredOnce,
  conservation,
  allAnswered,
  attemptsBounded,
  slots,
  prefetch,
  startedInOrder(TOLERANCE_MS),
  drainedEmpty,
]
