import { answerDirective } from '#contracts/gpu-timing'
import type { Ended } from '#evidence/history'
import { gapMidMs, promptsOf } from '#evidence/schedule'
import { LabError } from '../lab/errors.ts'
import type { Lab } from '../lab/lab.ts'
import { type LabPlan, settingsOf } from '../lab/plan.ts'
import { until } from '../lab/until.ts'
import { armFacts } from './collect.ts'
import type { Askers } from './devices.ts'
import type { GpuLogs } from './gpu-logs.ts'
import type { Recorder } from './recorder.ts'

const ROUNDS = 3
/** An inference of a warm-up may meet a cold process. Milliseconds. */
const WITHIN_MS = 30_000
/** About 40 ms of wall time, longer than the way to the broker: gaps are the dispatch's alone. */
const ANSWER_TOKENS_AT_SCALE_1 = 4
const ANSWER_TOKENS_MAX = 999

export interface WarmUp {
  /** Default: a short answer at any scale. */
  ask?: (index: number) => string
  rounds?: number
  /** Deadline of each round. Milliseconds. */
  withinMs?: number
}

interface WarmingLab {
  lab: Lab
  recorder: Recorder
  logs: GpuLogs
  signal: AbortSignal
}

/** Answers prompts in rounds; the last one measures the gap. @returns as `ArmLab.warmUp` */
export async function warmUp(
  { lab, recorder, logs, signal }: WarmingLab,
  askers: Askers,
  prompts: number,
  { ask = shortQuestion(lab.plan), rounds = ROUNDS, withinMs = WITHIN_MS }: WarmUp,
  rest: (withinMs: number) => Promise<{ ended: Ended; lastSeen: string }>,
): Promise<number> {
  let lastMs = 0
  for (let round = 1; round <= rounds; round++) {
    lastMs = recorder.nowMs()
    const before = askers.answers()
    await askers.askEach(Array.from({ length: prompts }, (_, i) => ask(i)))
    await until('the warm-up is answered', () => askers.answers() - before, { atLeast: prompts, withinMs, signal })
  }
  // First: it records a real model server's answers.
  await logs.read()
  const history = { ...armFacts(lab.plan), events: [...recorder.events, ...logs.events()] }
  const gapMs = gapMidMs(
    promptsOf(history, { all: true }).filter(prompt => prompt.askedMs >= lastMs),
    history,
  )
  const { ended, lastSeen } = await rest(WITHIN_MS)
  // What is left of it would be measured.
  if (ended !== 'rest') throw new LabError('TIMED_OUT', `the warm-up did not finish within ${WITHIN_MS} ms (last seen: ${lastSeen})`)
  recorder.record({ kind: 'measured' })
  return gapMs
}

function shortQuestion(plan: LabPlan): (index: number) => string {
  const { timeScale } = settingsOf(plan, plan.gpus[0]?.name ?? '')
  const directive = answerDirective(Math.ceil(Math.min(ANSWER_TOKENS_MAX, ANSWER_TOKENS_AT_SCALE_1 * timeScale)))
  return index => `warm-up ${index} ${directive}`
}
