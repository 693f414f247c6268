import { lost } from '#checks/delivery'
import { asPredicted, overtakesNearIdeal, shareBySpeed, waitNearIdeal } from '#checks/fairness'
import { allAnswered, answeredOnce } from '#checks/tasks'
import { drainedEmpty, prefetch, slots } from '#checks/workers'
import { predictedBands, type Tolerance } from '#evidence/bands'
import { shareOf } from '#evidence/measures'
import { EXACT_GPUS, scenario } from '#experiment'

/** The article's case: prompts keep coming, one conversation per user, on both nodes. */
const AT_80 = { load: 0.8, forMs: 15_000 }
const AT_50 = { load: 0.5, forMs: 20_000 }
const UNFAIR = ['wait-near-ideal', 'overtakes-near-ideal', 'share-by-speed']

/** Spring's default. At 50 % the slow GPU just keeps up: waits grow slowly, overtakes at once. */
const spring = (percent: number, at: typeof AT_80, breaks: string) => ({
  name: `prefetch 250 at ${percent} % load`,
  set: { workerPrefetchTasks: 250 },
  with: at,
  breaks,
  mayBreak: UNFAIR,
  because: 'half of the prompts queue up in the buffer of the slow worker, while the fast one goes on to newer ones',
})

export default scenario('prefetch-fairness', {
  claim:
    'While prompts keep coming, with prefetch 1 the p95 wait is at most 5 x that of an ideal schedule plus 60 ms, prompts are hardly overtaken, and each GPU works by its speed.',
  sizes: {
    quick: { timeScale: 5, stretch: 1, askers: 60, ...AT_80 },
    full: { timeScale: 1, stretch: 6, askers: 60, ...AT_80 },
  },
  gpus: 'unequal',
  plan: ({ timeScale }) => ({ gpus: EXACT_GPUS, settings: { timeScale } }),
  arms: [
    { name: 'prefetch 1 at 80 % load', with: AT_80 },
    { name: 'prefetch 1 at 50 % load', with: AT_50 },
  ],
  controls: [spring(80, AT_80, 'wait-near-ideal'), spring(50, AT_50, 'overtakes-near-ideal')],
  async run(lab, { load, forMs, stretch, askers: count }) {
    const askers = await lab.users(count, { on: ['im-a', 'im-b'] })
    const gapMs = await lab.warmUp(askers, 40)
    // The same prompts in all arms.
    const tasks = lab.model.poisson(load, forMs * stretch, lab.fromFirstArm('gapMs', gapMs))
    // The last share is what the others leave.
    const shares = lab.workerNames.slice(0, -1).map((name): [string, Tolerance] => [shareOf(name).name, [0, 2]])
    const tolerances = { waitP95Ms: [0.1, 10] as const, ...Object.fromEntries(shares) }
    lab.expect(predictedBands({ tasks, workers: lab.model.workers, gapMs, seed: 1, tolerances }))
    await askers.askAt(tasks)
    await lab.quiescent({ withinMs: 300_000 })
  },
  checks: [
    waitNearIdeal(5, 60),
    overtakesNearIdeal(20),
    shareBySpeed(5),
    asPredicted,
    lost,
    allAnswered,
    answeredOnce,
    prefetch,
    slots,
    drainedEmpty,
  ],
})
