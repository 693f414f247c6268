import { asPredicted, makespanNearIdeal, overtakesNearIdeal } from '#checks/fairness'
import { allAnswered, answeredOnce } from '#checks/tasks'
import { drainedEmpty, prefetch, slots } from '#checks/workers'
import { predictedBands } from '#evidence/bands'
import { EXACT_GPUS, questions, scenario } from '#experiment'

/** Who is there when the prompts come, and in which order the workers take of what waits. */
const BURST = { connect: [] as string[] }
const FAST_FIRST = { connect: ['worker-fast', 'worker-slow'] }
const SLOW_FIRST = { connect: ['worker-slow', 'worker-fast'] }
/** Distances from the model: tau 0.03, overtakes 3 % + 2, makespan 3 % + two workers' starts. */
const TOLERANCES = { tau: [0, 0.03], maxOvertakes: [0.03, 2], makespanMs: [0.03, 400], shareOfWorkerFastPercent: [0, 0.5] } as const

const hoarding = (name: string, connect: { connect: string[] }, because: string) => ({
  name,
  with: { ...connect, hoard: true },
  breaks: 'makespan-near-ideal',
  mayBreak: ['overtakes-near-ideal'],
  because,
})

export default scenario('bursts-and-backlogs', {
  claim:
    'With prefetch 1 a burst is begun in the order of asking, as fast as both GPUs can, whichever worker was connected first; with a large prefetch that decides everything.',
  sizes: {
    quick: { prompts: 200, prefetch: 100, timeScale: 5, hoard: false, ...BURST },
    full: { prompts: 500, prefetch: 250, timeScale: 1, hoard: false, ...BURST },
  },
  plan: ({ timeScale, prefetch: tasks, hoard }) => ({ gpus: EXACT_GPUS, settings: { timeScale, workerPrefetchTasks: hoard ? tasks : 1 } }),
  arms: [
    { name: 'burst, prefetch 1', with: BURST },
    { name: 'backlog, fast first, prefetch 1', with: FAST_FIRST },
    { name: 'backlog, slow first, prefetch 1', with: SLOW_FIRST },
  ],
  controls: [
    hoarding('burst, large prefetch', BURST, 'the broker deals in turn, blind to speed: each worker hoards half'),
    hoarding('backlog, fast first, large prefetch', FAST_FIRST, 'the first to connect takes a whole window of the oldest'),
    hoarding('backlog, slow first, large prefetch', SLOW_FIRST, 'the slow one takes the oldest'),
  ],
  async run(lab, { prompts, connect }) {
    // One publishing channel: the queue keeps the order of asking.
    const askers = await lab.users(prompts, { on: ['im-a'] })
    const gapMs = await lab.warmUp(askers, 30)
    const { workers, tasks } = lab.model.burst(prompts, connect)
    lab.expect(predictedBands({ tasks, workers, gapMs, seed: 1, tolerances: TOLERANCES }))
    if (connect.length === 0) await askers.askEach(questions(prompts))
    else {
      await lab.workers.stop()
      await askers.askEach(questions(prompts))
      await lab.gpus.pause() // Nothing begins before all are connected with full buffers.
      for (const worker of connect) await lab.connectAndTake(worker, { withinMs: 10_000 })
      await lab.gpus.resume()
    }
    await lab.quiescent({ withinMs: 180_000 })
  },
  checks: [makespanNearIdeal(60), overtakesNearIdeal(20), asPredicted, allAnswered, answeredOnce, prefetch, slots, drainedEmpty],
})
