import { z } from 'zod'
import { lost } from '#checks/delivery'
import { waitNearIdeal } from '#checks/fairness'
import { answeredOnce } from '#checks/tasks'
import { gpuProfile } from '#contracts/gpu-profiles'
import { DEFAULT_PLAN } from '#lab'
import { profiledTimes } from '#predictor'
import { type Scenario, scenario } from '../definition.ts'
import { promptText } from '../replay/prompt.ts'
import { armTitle, demoHour, GPUS, type Hour, type HourOptions, MODEL } from './hour.ts'
import { fittingSeconds } from './pace.ts'
import type { Arm } from './state.ts'

/** The hour on the lab: an experiment with an arm for each prefetch. */

/** Questions come from many people, one conversation each; one of them may have 20 tasks open. */
const ASKERS = 250
const WARM_UP_PROMPTS = 100
/** After the hour, for the questions that are open then. Milliseconds. */
const REST_WITHIN_MS = 60_000

/** How the hour passes on this machine. */
export interface Pace {
  seconds: number
  /** The hour's milliseconds in one of the machine. */
  timeScale: number
  /** Between two inferences of a worker, measured before the hour. Milliseconds of the machine. */
  gapMs: number
}

export type RealStep =
  | { doing: 'starting' | 'clearing'; title: string }
  /** The hour as predicted for this machine. `again`: the lab starts again, for a longer hour. */
  | { doing: 'paced'; pace: Pace; hour: Hour; again: boolean }
  /** `measured`: so far. */
  | { doing: 'measuring' | 'measured'; arm: 0 | 1; nowMs: number; measured: Arm }

export interface RealHour {
  /** Cut at the end of the hour. */
  arms: [Arm, Arm]
  /** As predicted for this machine. */
  hour: Hour
  pace: Pace
  /** As `pace.gapMs`, in the hour with prefetch 1. */
  gapWithinMs: number
}

const titlesOf = ({ prefetchTasks }: Pick<HourOptions, 'prefetchTasks'>) => [armTitle(prefetchTasks), armTitle(1)] as const

export interface Paced {
  pace: Pace
  hour: Hour
}

/** What a run's document keeps of it. */
export const HourParameters = z.object({
  seed: z.number(),
  load: z.number(),
  prefetchTasks: z.number(),
  hourMs: z.number(),
  gpus: z.array(z.string()).optional(),
})

/** @param seconds how long the hour takes @param onPaced called before the first question @param
 *  longer seconds this machine needs @param command repeats it */
export function hourOf(options: HourOptions, seconds: number, onPaced: (paced: Paced, longer: number) => void, command?: string): Scenario {
  const timeScale = options.hourMs / (1_000 * seconds)
  const [large, one] = titlesOf(options)
  let paced: Paced | undefined
  let overAtMs = 0
  const { gpus = GPUS } = options
  const profiles = gpus.map(gpuProfile)
  return scenario<object>('demo', {
    claim:
      'An hour of a busy service: with prefetch 1 the p95 wait stays near the ideal; with a large prefetch people wait while a GPU is idle.',
    ...(command === undefined ? {} : { command }),
    sizes: { quick: options, full: options },
    plan: {
      gpus: DEFAULT_PLAN.gpus.map((gpu, g) => ({ ...gpu, profile: gpus[g] ?? gpu.profile })),
      // Eyes only: they would cost the measured machine.
      settings: { timeScale, model: MODEL, gpuColdLoad: false, partialsPerSecond: 0, waitingMs: 0 },
    },
    arms: [{ name: one, set: { workerPrefetchTasks: 1 } }],
    controls: [
      {
        name: large,
        set: { workerPrefetchTasks: options.prefetchTasks },
        breaks: 'wait-near-ideal',
        because: 'half of the questions queue up in the buffer of the slow worker',
        endsWhen: { what: 'the hour is over', holds: async () => performance.now() >= overAtMs },
      },
    ],
    async run(lab) {
      const askers = await lab.users(ASKERS, { on: lab.nodeNames })
      const gapMs = await lab.warmUp(askers, WARM_UP_PROMPTS)
      if (paced === undefined) {
        const pace = { seconds, timeScale, gapMs }
        paced = { pace, hour: demoHour({ ...options, gapMs: gapMs * timeScale }) }
        onPaced(paced, fittingSeconds(demoHour(options), gapMs, seconds))
      }
      const { tasks, questions } = paced.hour
      const texts = questions.map(({ promptTokens, answerTokens }) => promptText(promptTokens, answerTokens))
      overAtMs = performance.now() + options.hourMs / timeScale
      const sent = await askers.askAt(tasks.map(({ publishedMs }, i) => ({ publishedMs: publishedMs / timeScale, text: texts[i] ?? '' })))
      const work = { profiles, model: MODEL, seed: options.seed, timeScale }
      lab.works(
        sent.flatMap((outcome, i) => {
          const [task, question] = [outcome.state === 'stored' ? outcome.task : undefined, questions[i]]
          if (task === undefined || question === undefined) return []
          return [{ id: task, ...profiledTimes(work, task, question.promptTokens, question.answerTokens) }]
        }),
      )
      await lab.quiescent({ withinMs: REST_WITHIN_MS })
    },
    checks: [waitNearIdeal(5, 60), answeredOnce, lost],
  })
}
