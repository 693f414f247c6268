import type { Check } from '../verdict.ts'
import { attemptsBounded, bounds, inferredOnce, poisonEnds } from './attempts.ts'
import { answersInOrder } from './conversation.ts'
import { duplicate, lost, order, phantom, wrongAddressee } from './delivery.ts'
import { deliveredPromptly } from './promptness.ts'
import { sequence } from './sequence.ts'
import { allAnswered, answeredOnce, conservation } from './tasks.ts'
import { drainedEmpty, prefetch, slots, startedInOrder } from './workers.ts'

/** The gap in valid test histories; scenarios measure theirs. Milliseconds. */
const TOLERANCE_MS = 5

const PROMPT_MS = 500

/** Checks that a made-up history can satisfy; those of fairness and faults have own tests. */
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
  inferredOnce,
  slots,
  prefetch,
  startedInOrder(TOLERANCE_MS),
  drainedEmpty,
  bounds(3),
  poisonEnds,
  answersInOrder,
  deliveredPromptly(PROMPT_MS),
]
