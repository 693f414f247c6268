import { lost } from '#checks/delivery'
import { asPredicted, tailNearAlone, waitNearIdeal } from '#checks/fairness'
import { allAnswered, answeredOnce } from '#checks/tasks'
import { drainedEmpty, prefetch, slots } from '#checks/workers'
import { gpuProfile } from '#contracts/gpu-profiles'
import { predictedBands } from '#evidence/bands'
import { scenario } from '#experiment'

/** A GPU four times slower helps when there is more to do than the fast one can. When there is
 *  little, a prompt that it takes waits longer for its end than one that waits for the fast one. */

/** Load: share of both GPUs' capacity. The fast one alone has 4/5 of it. */
const QUIET = { load: 0.25, forMs: 6_000 }
const BUSY = { load: 0.95, forMs: 8_000 }
/** Three that wait take the fast GPU about as long as one takes the slow one. */
const THRESHOLD = { 'worker-slow': { workerBacklogMin: 3 } }
const FOUR_TIMES_SLOWER = JSON.stringify({ ...gpuProfile('synthetic-slow'), name: 'four-times-slower', fixedServiceMs: 400 })
/** A prompt takes 8 to 15 ms to an idle worker, of which the model knows 1 to 6. */
const TOLERANCES = { endP95Ms: [0.15, 30], waitP95Ms: [0.15, 30], shareOfWorkerFastPercent: [0, 4] } as const

export default scenario('slow-server', {
  claim:
    'A GPU four times slower that takes tasks only while three wait never makes the p95 until the answer ends worse than the fast one alone; and with more to do than the fast one can, the p95 wait is at most 3.5 x the ideal plus 150 ms.',
  sizes: { quick: { timeScale: 2, stretch: 1, ...QUIET }, full: { timeScale: 1, stretch: 5, ...QUIET } },
  plan: ({ timeScale }) => ({
    gpus: [
      { name: 'gpu-fast', profile: 'synthetic-fast' },
      { name: 'gpu-slow', profile: FOUR_TIMES_SLOWER },
    ],
    settings: { timeScale },
  }),
  arms: [
    { name: 'from three on, little to do', partSettings: THRESHOLD, with: QUIET },
    { name: 'from three on, much to do', partSettings: THRESHOLD, with: BUSY },
  ],
  controls: [
    {
      name: 'it always takes, little to do',
      with: QUIET,
      breaks: 'tail-near-alone',
      because: 'the broker deals in turn: prompts go to the slow GPU although the fast one would be free sooner than it is done',
    },
    {
      name: 'it never takes, much to do',
      with: BUSY,
      partSettings: { 'worker-slow': { workerBacklogMin: 1_000_000 } },
      breaks: 'wait-near-ideal',
      because: 'more is asked than the fast one can do, and the slow one stands idle beside a growing queue',
    },
  ],
  async run(lab, { load, forMs, stretch }) {
    const askers = await lab.users(60, { on: ['im-a', 'im-b'] })
    const gapMs = await lab.warmUp(askers, 20)
    const tasks = lab.model.poisson(load, forMs * stretch, lab.fromFirstArm('gapMs', gapMs))
    lab.expect(predictedBands({ tasks, workers: lab.model.workers, gapMs, seed: 1, tolerances: TOLERANCES }))
    await askers.askAt(tasks)
    await lab.quiescent({ withinMs: 120_000 })
  },
  checks: [
    tailNearAlone('worker-fast', 1.2, 30),
    waitNearIdeal(3.5, 150),
    asPredicted,
    allAnswered,
    answeredOnce,
    lost,
    prefetch,
    slots,
    drainedEmpty,
  ],
})
