import { type Advice, adviceOf } from './advice.ts'
import { type Capacity, capacityOf } from './capacity.ts'
import { type Beyond, beyondOf } from './further.ts'
import type { Question } from './question.ts'
import { Trials } from './trial.ts'

/** All that `advise` answers. */
export interface Answer {
  advice: Advice
  beyond: Beyond
  capacity: Capacity
}

/** @param growth of the arrivals, for the number of GPUs alone
 *  @param costs of a card-hour, by kind */
export function answerOf(question: Question, growth = 1, costs: readonly (number | undefined)[] = []): Answer {
  const trials = new Trials(question)
  const advice = adviceOf(question, trials)
  return { advice, beyond: beyondOf(question, advice, trials), capacity: capacityOf(question, trials, { growth, costs }) }
}
