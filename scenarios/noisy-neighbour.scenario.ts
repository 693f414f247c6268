import { lost } from '#checks/delivery'
import { startedWithin } from '#checks/slo'
import { allAnswered, answeredOnce } from '#checks/tasks'
import { prefetch, slots } from '#checks/workers'
import { EXACT_GPUS, questions, scenario } from '#experiment'

/** One user asks a hundred questions, others one each right after: do they wait behind them? */

const NOISY = 'noisy'

export default scenario('noisy-neighbour', {
  claim:
    'One user asks a hundred questions at once, twenty others one each right after: with at most two tasks of one user with the workers, 95 % of the others are begun within a second, and the hundred are answered too.',
  sizes: { quick: { noisy: 100, others: 20 }, full: { noisy: 400, others: 80 } },
  plan: { gpus: EXACT_GPUS, settings: { timeScale: 5, userTasksMax: 1_000, userFramesPerSecond: 10_000, userTasksAtOnce: 2 } },
  controls: [
    {
      name: 'all of them at once',
      set: { userTasksAtOnce: 0 },
      breaks: 'started-within',
      because: 'the queue is first come, first served: those who ask after the hundred wait for all of them',
    },
  ],
  async run(lab, { noisy, others }) {
    const neighbours = await lab.users(others, { on: ['im-a', 'im-b'] })
    await lab.warmUp(neighbours, others)
    const device = await lab.device(NOISY, { on: ['im-a'] })
    await Promise.all(questions(noisy).map(question => device.ask(question)))
    await neighbours.askEach(questions(others))
    await lab.quiescent({ withinMs: 120_000 })
  },
  checks: [startedWithin(1_000, { percent: 95, of: user => user !== NOISY }), allAnswered, answeredOnce, lost, prefetch, slots],
})
