import { answerDirective } from '#contracts/gpu-timing'
import type { HistoryEvent } from '#evidence/history'
import { gapMidMs, promptsOf } from '#evidence/schedule'
import { type LabPlan, settingsOf } from '../lab/plan.ts'
import { armFacts } from './collect.ts'
import type { Askers } from './devices.ts'
import type { Recorder } from './recorder.ts'

const ROUNDS = 3
/** About 40 ms of wall time, longer than the way to the broker: gaps are the dispatch's alone. */
const ANSWER_TOKENS_AT_SCALE_1 = 4
const ANSWER_TOKENS_MAX = 999

interface Lab {
  plan: LabPlan
  recorder: Recorder
  inferences: () => Promise<HistoryEvent[]>
  answered: (answers: number) => Promise<unknown>
}

/** Has prompts answered in rounds. @returns the gap of the last one. Milliseconds. */
export async function warmUp(lab: Lab, askers: Askers, prompts: number, ask = shortQuestion(lab.plan)): Promise<number> {
  const { plan, recorder, inferences, answered } = lab
  let lastMs = 0
  for (let round = 1; round <= ROUNDS; round++) {
    lastMs = recorder.nowMs()
    const before = askers.answers()
    await askers.askEach(Array.from({ length: prompts }, (_, i) => ask(i)))
    await answered(before + prompts)
  }
  const history = { ...armFacts(plan), events: [...recorder.events, ...(await inferences())] }
  return gapMidMs(
    promptsOf(history, { all: true }).filter(prompt => prompt.askedMs >= lastMs),
    history,
  )
}

function shortQuestion(plan: LabPlan): (index: number) => string {
  const { timeScale } = settingsOf(plan, plan.gpus[0]?.name ?? '')
  const directive = answerDirective(Math.ceil(Math.min(ANSWER_TOKENS_MAX, ANSWER_TOKENS_AT_SCALE_1 * timeScale)))
  return index => `warm-up ${index} ${directive}`
}
