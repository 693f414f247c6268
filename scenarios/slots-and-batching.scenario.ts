import { asPredicted } from '#checks/fairness'
import { gpusFull } from '#checks/slots-in-use'
import { allAnswered, answeredOnce } from '#checks/tasks'
import { drainedEmpty, prefetch, slots } from '#checks/workers'
import { predictedBands } from '#evidence/bands'
import { EXACT_GPUS, questions, scenario, withSlots } from '#experiment'

/** A GPU that works on several prompts reads its model's weights once for all of them. */

/** What the workers may do, and the slots of the GPU. */
const of = (gpuSlots: number, workerSlots = gpuSlots, workerPrefetchTasks = workerSlots) => ({
  with: { gpuSlots },
  set: { workerSlots, workerPrefetchTasks },
})
const TOLERANCES = { makespanMs: [0.05, 100], waitP95Ms: [0.05, 100] } as const

export default scenario('slots-and-batching', {
  claim:
    'With prefetch = slots a GPU of one, two or four slots works on as many prompts at a time, and answers a burst as much sooner as its batching curve says.',
  sizes: { quick: { prompts: 60, timeScale: 2, gpuSlots: 4 }, full: { prompts: 400, timeScale: 1, gpuSlots: 4 } },
  plan: ({ timeScale, gpuSlots }) => ({
    gpus: EXACT_GPUS.slice(0, 1).map(gpu => withSlots(gpu, gpuSlots)),
    workers: [{ name: 'worker-fast', gpu: 'gpu-fast' }],
    settings: { timeScale },
  }),
  arms: [
    { name: 'one slot, prefetch 1', ...of(1) },
    { name: 'two slots, prefetch 2', ...of(2) },
    { name: 'four slots, prefetch 4', ...of(4) },
  ],
  controls: [
    {
      name: 'four slots, prefetch 1',
      ...of(4, 4, 1),
      breaks: 'gpus-full',
      because: 'the broker hands out the next prompt after the answer to the one before: three slots stay empty',
    },
    {
      name: 'four slots, a worker of one',
      ...of(4, 1, 4),
      breaks: 'gpus-full',
      because: 'the worker asks for one answer at a time: three prompts wait in its buffer beside three empty slots',
    },
  ],
  async run(lab, { prompts }) {
    const askers = await lab.users(prompts, { on: ['im-a'] })
    const gapMs = await lab.warmUp(askers, 16)
    const { tasks, workers } = lab.model.burst(prompts, [])
    lab.expect(predictedBands({ tasks, workers, gapMs, seed: 1, tolerances: TOLERANCES }))
    await askers.askEach(questions(prompts))
    await lab.quiescent({ withinMs: 120_000 })
  },
  checks: [gpusFull(65), asPredicted, allAnswered, answeredOnce, prefetch, slots, drainedEmpty],
})
