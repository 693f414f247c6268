import { inferredOnce } from '#checks/attempts'
import { lost } from '#checks/delivery'
import { allAnswered, answeredOnce, conservation } from '#checks/tasks'
import { drainedEmpty, slots } from '#checks/workers'
import { questions, scenario } from '#experiment'

/** A worker holds tasks longer than RabbitMQ allows: it gets them taken away while it works. */

const TIMEOUT_MS = 3_000
const PROMPTS = 30
/** A prompt takes 350 ms: thirty in one buffer last 10.5 s. */
const GPUS = ['gpu-fast', 'gpu-slow'].map(name => ({ name, profile: 'synthetic-slow' }))
/** 350 ms / 0.07: one prompt takes 5 s. */
const LONG_ANSWERS = { timeScale: 0.07 }

export default scenario<{ prompts: number }>('hoarded-too-long', {
  claim:
    'With a consumer timeout of three seconds no task is inferred twice if a worker can do all that it holds within that time: one task, or five of 350 ms.',
  sizes: { quick: { prompts: PROMPTS }, full: { prompts: PROMPTS } },
  plan: { gpus: GPUS, settings: { consumerTimeoutMs: TIMEOUT_MS, timeScale: 1 } },
  arms: [
    { name: 'prefetch 30, a timeout of a minute', set: { workerPrefetchTasks: PROMPTS, consumerTimeoutMs: 60_000 } },
    { name: 'prefetch 1' },
    { name: 'prefetch 5', set: { workerPrefetchTasks: 5 } },
  ],
  controls: [
    {
      name: 'prefetch 30',
      set: { workerPrefetchTasks: PROMPTS },
      breaks: 'inferred-once',
      because: 'the whole buffer comes back at the timeout, also the task that runs, and another worker begins with that one',
    },
    {
      name: 'an answer of five seconds',
      set: LONG_ANSWERS,
      with: { prompts: 1 },
      breaks: 'inferred-once',
      because: 'no prefetch helps a task that takes longer than the timeout',
    },
  ],
  async run(lab, { prompts }) {
    const askers = await lab.users(prompts, { on: ['im-a', 'im-b'] })
    await lab.workers.stop()
    await askers.askInTurn(questions(prompts))
    await lab.connectAndTake('worker-slow', { withinMs: 20_000 })
    await lab.workers.start() // The other one too, which finds nothing to do if all is hoarded.
    await lab.quiescent({ withinMs: 60_000 })
  },
  checks: [inferredOnce, allAnswered, answeredOnce, conservation, lost, slots, drainedEmpty],
})
