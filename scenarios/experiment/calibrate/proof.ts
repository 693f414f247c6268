import { lost } from '#checks/delivery'
import { asPredicted } from '#checks/fairness'
import { allAnswered, answeredOnce } from '#checks/tasks'
import { answersOf } from '#evidence/answers'
import { eventsOf, type History } from '#evidence/history'
import { foreignCpu } from '#evidence/noise'
import { promptsOf } from '#evidence/schedule'
import { median } from '#evidence/statistics'
import { type Scenario, scenario } from '../definition.ts'
import { type Compared, compared, type Predicted, predictions, type Work } from './agreement.ts'
import { ANSWER_TOKENS, question } from './measure.ts'
import { type WorkAsked, workOf } from './work.ts'

/** The final proof: prompts through the whole lab to the real server, and its prediction. */

export interface Proof {
  verdict: 'agrees' | 'differs' | 'unknown'
  /** Why nobody can tell. */
  trouble?: string
  /** Attempts; the last one counts. */
  runs: number
  figures: Compared[]
  /** What the server itself reported of the run, beside the profile. */
  server: { answerTokens: number; decodeTokensPerSecond: number; prefillMs: number }
  /** Between two inferences, measured before the run. */
  gapMs: number
  /** Slowdown beside the lab, measured before the run: 1 = none. */
  beside: number
  spread: number
  foreignCpuPercent: { mean: number; worst: number }
}

/** The prediction, and its base. */
export interface Stated {
  work: Work
  predicted: Predicted[]
}

/** Far beyond any backlog that the plan can build. Milliseconds. */
const ANSWERS_WITHIN_MS = 600_000
const ASKERS = 8
/** The first round warms caches, the second shows the gap and the lab's cost. */
const [WARM_UP_PROMPTS, WARM_UP_ROUNDS] = [10, 2]

/** One worker before the server, its prefetch as many as the server runs at once.
 *  @param asked without it the scenario can judge a stored run, and not make one
 *  @param onStated gets the prediction before the run @param command what runs it again */
export function proofOf(asked?: WorkAsked, onStated: (stated: Stated) => void = () => undefined, command?: string): Scenario {
  const slots = asked?.profile.slots ?? 1
  return scenario<object>('calibrate', {
    claim: 'Prompts through the lab to a real model server wait, run and are seen as the predictor says of its measured profile.',
    ...(command === undefined ? {} : { command }),
    needs: 'model-server',
    sizes: { quick: {}, full: {} },
    plan: {
      settings: {
        answerTokensMax: ANSWER_TOKENS,
        workerPrefetchTasks: slots,
        workerSlots: slots,
        userTasksMax: Math.max(asked?.prompts ?? 0, WARM_UP_PROMPTS),
      },
    },
    controls: [],
    async run(lab) {
      if (asked === undefined) throw new Error('a proof without a profile judges, and does not run')
      const askers = await lab.users(ASKERS, { on: lab.nodeNames })
      const ask = { ask: question, rounds: WARM_UP_ROUNDS, withinMs: ANSWERS_WITHIN_MS }
      const gapMs = await lab.warmUp(askers, WARM_UP_PROMPTS, ask)
      const work = workOf(asked, gapMs, lab.reported.slice(-WARM_UP_PROMPTS))
      const predicted = predictions(work)
      onStated({ work, predicted })
      lab.expect(Object.fromEntries(predicted.map(({ measure, predicted: value, low, high }) => [measure, { value, low, high }])))
      await askers.askAt(work.dueMs.map(publishedMs => ({ publishedMs, text: question() })))
      await lab.quiescent({ withinMs: ANSWERS_WITHIN_MS })
    },
    checks: [allAnswered, answeredOnce, lost, asPredicted],
  })
}

/** A run's figures beside the prediction. Pure. */
export function provenBy({ work, predicted }: Stated, history: History): Omit<Proof, 'verdict' | 'trouble' | 'runs'> {
  const prompts = promptsOf(history).toSorted((a, b) => a.askedMs - b.askedMs)
  const tasks = new Set(prompts.map(({ task }) => task))
  const reported = eventsOf(history, 'reported').filter(({ task }) => tasks.has(task))
  const { mean, worst } = foreignCpu(history)
  return {
    figures: compared(work, predicted, answersOf(prompts, history)),
    server: {
      answerTokens: reported.reduce((sum, one) => sum + one.answerTokens, 0) / reported.length,
      decodeTokensPerSecond: median(reported.map(one => (1_000 * one.answerTokens) / (one.decodeMs || one.tookMs))),
      prefillMs: median(reported.map(one => one.prefillMs)),
    },
    gapMs: work.gapMs,
    beside: work.beside,
    spread: work.spread,
    foreignCpuPercent: { mean, worst },
  }
}
