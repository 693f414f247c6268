import { predictedBands } from '#checks/bands'
import { lost } from '#checks/delivery'
import { asPredicted, overtakesNearIdeal, shareBySpeed, waitNearIdeal } from '#checks/fairness'
import { allAnswered, answeredOnce } from '#checks/tasks'
import { drainedEmpty, prefetch, slots } from '#checks/workers'
import { scenario } from '#lab'

/** The article's case: prompts keep coming. Two GPUs of fixed service time, exactly 3.5 : 1; many users, one conversation each, on both nodes. */
const AT_80 = { load: 0.8, forMs: 15_000 }
const AT_50 = { load: 0.5, forMs: 25_000 }
const SPRING = { workerPrefetchTasks: 250 }
const because = 'half of the prompts queue up in the buffer of the slow GPU, while the fast one goes on to newer ones'

const TOLERANCES = { waitP95Ms: [0.1, 10], shareOfWorkerFastPercent: [0, 2] } as const

export default scenario('prefetch-fairness', {
  claim: 'While prompts keep coming, with prefetch 1 nobody waits much longer than in an ideal schedule, and each GPU works by its speed.',
  sizes: {
    quick: { timeScale: 5, stretch: 1, askers: 60, ...AT_80 },
    full: { timeScale: 1, stretch: 6, askers: 60, ...AT_80 },
  },
  plan: ({ timeScale }) => ({
    gpus: [
      { name: 'gpu-fast', profile: 'synthetic-fast' },
      { name: 'gpu-slow', profile: 'synthetic-slow' },
    ],
    settings: { timeScale },
  }),
  arms: [
    { name: 'prefetch 1 at 80 % load', with: AT_80 },
    { name: 'prefetch 1 at 50 % load', with: AT_50 },
  ],
  controls: [
    {
      name: 'prefetch 250 at 80 % load',
      set: SPRING,
      with: AT_80,
      breaks: 'wait-near-ideal',
      mayBreak: ['overtakes-near-ideal', 'share-by-speed'],
      because,
    },
    {
      name: 'prefetch 250 at 50 % load',
      set: SPRING,
      with: AT_50,
      breaks: 'overtakes-near-ideal',
      mayBreak: ['wait-near-ideal', 'share-by-speed'],
      because,
    },
  ],
  async run(lab, { load, forMs, stretch, askers: count }) {
    const askers = await lab.users(count, { on: ['im-a', 'im-b'] })
    const gapMs = await lab.warmUp(askers, 40)
    const tasks = lab.model.poisson(load, forMs * stretch, lab.fromFirstArm('gapMs', gapMs)) // The same prompts in all arms.
    lab.expect(predictedBands({ tasks, workers: lab.model.workers, gapMs, seed: 1, tolerances: TOLERANCES }))
    await askers.askAt(
      tasks.map(task => task.publishedMs),
      index => `question ${index}`,
    )
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
