import { lost } from '#checks/delivery'
import { allAnswered, answeredOnce, conservation } from '#checks/tasks'
import { drainedEmpty, prefetch } from '#checks/workers'
import { EXACT_GPUS, questions, scenario } from '#experiment'

/** What a killed worker takes with it: by acknowledgement, prefetch and backlog. */

const BACKLOG = 20
const LOSES = { breaks: 'all-answered', mayBreak: ['prefetch', 'task-conservation', 'drained-empty'] }

export default scenario<{ backlog: number }>('auto-ack-loss', {
  claim: 'Acknowledged after the answer, the tasks of a killed worker come back, whether it held one or the whole backlog.',
  sizes: { quick: { backlog: BACKLOG }, full: { backlog: BACKLOG } },
  plan: { gpus: EXACT_GPUS, settings: { timeScale: 1 } },
  arms: [{ name: 'prefetch 1' }, { name: 'prefetch 20', set: { workerPrefetchTasks: BACKLOG } }],
  controls: [
    {
      name: 'automatic, prefetch 1',
      set: { workerAck: 'automatic' },
      ...LOSES,
      because:
        'prefetch counts what is not acknowledged, and here all of it is: the first worker gets the whole backlog and takes it along',
    },
    {
      name: 'automatic, three times the backlog',
      set: { workerAck: 'automatic' },
      with: { backlog: 3 * BACKLOG },
      ...LOSES,
      because: 'the loss grows with the backlog, not with the prefetch',
    },
  ],
  async run(lab, { backlog }) {
    const askers = await lab.users(backlog, { on: ['im-a', 'im-b'] })
    await lab.workers.stop()
    await askers.askInTurn(questions(backlog))
    await lab.workers.start('worker-slow')
    await lab.workers.start()
    await lab.untilOrRest(() => askers.answers() >= 3, { withinMs: 20_000 })
    await lab.untilRunningOn('worker-slow', { withinMs: 20_000 })
    await lab.workers.kill('worker-slow')
    await lab.quiescent({ withinMs: 60_000 })
  },
  checks: [allAnswered, answeredOnce, conservation, lost, prefetch, drainedEmpty],
})
