import { z } from 'zod'
import { lost } from '#checks/delivery'
import { asPredicted } from '#checks/fairness'
import { gpusKeepUp } from '#checks/keeps-up'
import { allAnswered, answeredOnce } from '#checks/tasks'
import { type Band, predictedBands } from '#evidence/bands'
import { shareOf } from '#evidence/measures'
import { idealSchedule, type ModelTask, type ModelWorker, sharesOf } from '#predictor'
import type { LabPlan } from '../../lab/plan.ts'
import { type Scenario, scenario } from '../definition.ts'
import { type ReplayPlan, replayTasks } from './plan.ts'

/** A trace through the lab, judged by the ideal schedule of the same prompts. */

/** A GPU's share may be this far from the ideal schedule's. Percentage points. */
export const SHARE_TOLERANCE_POINTS = 5
/** Fewer prompts are shown, not judged: one outweighs a point, and a short run is mostly ends. */
export const JUDGED_FROM_PROMPTS = 100
/** Beyond the model: as the scenarios have it. Share of the p95, and milliseconds. */
export const WAIT_TOLERANCE = [0.1, 10] as const
/** One conversation per asker; more would measure connections. */
const ASKERS_MAX = 200
const WARM_UP_PROMPTS = 40
/** After the last prompt was sent: far beyond any backlog that the plan can build. Milliseconds. */
const ANSWERS_WITHIN_MS = 120_000

/** A replay has one arm. */
export const REPLAY_ARM = 'replay'
const ENDS = [allAnswered, answeredOnce, lost]

/** What a run's document keeps of it; `trace`: the file as it was named. */
export const ReplayParameters = z.object({
  trace: z.string(),
  rows: z.number(),
  load: z.number(),
  timeScale: z.number(),
  prefetchTasks: z.number(),
  skippedRows: z.number(),
})
export type ReplayParameters = z.infer<typeof ReplayParameters>

/** @param plan what to send; needed to run, not to judge @param command repeats the run
 *  @param lab its GPUs and settings; default: those of a lab with nothing asked */
export function replayOf(parameters: ReplayParameters, plan?: ReplayPlan, command?: string, lab: Partial<LabPlan> = {}): Scenario {
  const { timeScale, prefetchTasks, rows } = parameters
  return scenario<object>('replay', {
    claim:
      'The prompts of a trace are each answered once; each GPU gets the share that an ideal schedule gives it, and the p95 wait is what the gap between two inferences explains.',
    ...(command === undefined ? {} : { command }),
    sizes: { quick: parameters, full: parameters },
    plan: { ...lab, settings: { timeScale, workerPrefetchTasks: prefetchTasks, gpuColdLoad: false, ...lab.settings } },
    arms: [{ name: REPLAY_ARM }],
    controls: [],
    async run(lab) {
      if (plan === undefined) throw new Error('a replay without a plan judges, and does not run')
      const askers = await lab.users(Math.min(ASKERS_MAX, plan.prompts.length), { on: lab.nodeNames })
      const gapMs = await lab.warmUp(askers, WARM_UP_PROMPTS)
      const sent = await askers.askAt(plan.prompts.map(({ sendAtMs, text }) => ({ publishedMs: sendAtMs, text })))
      const tasks = replayTasks(
        plan,
        sent.map((outcome, index) => ({
          task: (outcome.state === 'stored' ? outcome.task : undefined) ?? `unsent-${index}`,
          publishedMs: plan.prompts[index]?.sendAtMs ?? 0,
        })),
      )
      lab.works(tasks)
      if (rows >= JUDGED_FROM_PROMPTS)
        lab.expect(
          replayBands(
            tasks,
            lab.workerNames.map((name, w) => ({ name, ...plan.streams[w] })),
            gapMs,
            plan.work.seed,
          ),
        )
      await lab.quiescent({ withinMs: ANSWERS_WITHIN_MS })
    },
    checks: rows >= JUDGED_FROM_PROMPTS ? [...ENDS, asPredicted, gpusKeepUp] : ENDS,
  })
}

/** Shares of the ideal; p95 wait up to the model's worst with this gap and no more prefetch than
 *  slots. At time scale 50 a gap of a few ms is a tenth of a prompt, and 80 % is nearly full. */
export function replayBands(
  tasks: readonly ModelTask[],
  from: readonly Omit<ModelWorker, 'prefetchTasks'>[],
  gapMs: number,
  seed: number,
): Record<string, Band> {
  const workers = from.map(worker => ({ ...worker, prefetchTasks: worker.slots ?? 1 }))
  const { waitP95Ms, ...gap } = predictedBands({ tasks, workers, gapMs, seed, tolerances: { waitP95Ms: WAIT_TOLERANCE } })
  const shares = sharesOf(idealSchedule(tasks, workers), workers).map((prompts, w) => {
    const value = (100 * prompts) / tasks.length
    return [
      shareOf(workers[w]?.name ?? '').name,
      { value, low: value - SHARE_TOLERANCE_POINTS, high: value + SHARE_TOLERANCE_POINTS },
    ] as const
  })
  return { ...gap, ...Object.fromEntries(shares), ...(waitP95Ms === undefined ? {} : { waitP95Ms: { ...waitP95Ms, low: 0 } }) }
}
