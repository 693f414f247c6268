import { asPredicted, shareBySpeed } from '#checks/fairness'
import { fastestFirst } from '#checks/slots-in-use'
import { allAnswered, answeredOnce } from '#checks/tasks'
import { drainedEmpty, prefetch, slots } from '#checks/workers'
import { predictedBands } from '#evidence/bands'
import { EXACT_GPUS, scenario } from '#experiment'

/** What the consumer argument `x-priority` gives, and what it takes. */

const QUIET = { load: 0.3, forMs: 5_500 }
const BUSY = { load: 0.8, forMs: 4_000 }
const FAST_FIRST = { 'worker-fast': { workerPriority: 10 } }
/** At low load few prompts wait, at high load few find the fast GPU free. */
const REST = ['as-predicted', 'all-answered', 'answered-once', 'prefetch', 'slots', 'drained-empty']
const QUIET_CHECKS = ['fastest-first', ...REST]
const BUSY_CHECKS = ['share-by-speed', ...REST]
const TOLERANCES = { answeredMeanMs: [0.1, 5], shareOfWorkerFastPercent: [0, 4] } as const

export default scenario('priority', {
  claim:
    'A worker with a higher consumer priority gets every prompt that finds its GPU free, so at low load most people are answered by the fast one. With prefetch 1 the slow one gets its share once prompts wait.',
  sizes: { quick: { timeScale: 5, stretch: 1, ...QUIET }, full: { timeScale: 1, stretch: 6, ...QUIET } },
  plan: ({ timeScale }) => ({ gpus: EXACT_GPUS, settings: { timeScale }, partSettings: FAST_FIRST }),
  arms: [
    { name: 'fast first at 30 % load', with: QUIET, judgedBy: QUIET_CHECKS },
    { name: 'fast first at 80 % load', with: BUSY, judgedBy: BUSY_CHECKS },
  ],
  controls: [
    {
      name: 'no priority at 30 % load',
      partSettings: { 'worker-fast': { workerPriority: 0 } },
      with: QUIET,
      judgedBy: QUIET_CHECKS,
      breaks: 'fastest-first',
      because: 'the broker deals in turn: the slow GPU gets every second prompt while the fast one is free',
    },
    {
      name: 'fast first with prefetch 250 at 80 % load',
      set: { workerPrefetchTasks: 250 },
      with: BUSY,
      judgedBy: BUSY_CHECKS,
      breaks: 'share-by-speed',
      // The fast GPU alone is nearly full: a little more gap, and waits grow without end.
      mayBreak: ['as-predicted'],
      because: 'the worker with priority is sent everything until it holds 250 tasks, and the slow GPU stands idle',
    },
  ],
  async run(lab, { load, forMs, stretch }) {
    const askers = await lab.users(40, { on: ['im-a', 'im-b'] })
    const gapMs = await lab.warmUp(askers, 30)
    // The same prompts in all arms of a load.
    const tasks = lab.model.poisson(load, forMs * stretch, lab.fromFirstArm('gapMs', gapMs))
    lab.expect(predictedBands({ tasks, workers: lab.model.workers, gapMs, seed: 1, tolerances: TOLERANCES }))
    await askers.askAt(tasks)
    await lab.quiescent({ withinMs: 120_000 })
  },
  checks: [fastestFirst(90, 15), shareBySpeed(5), asPredicted, allAnswered, answeredOnce, prefetch, slots, drainedEmpty],
})
