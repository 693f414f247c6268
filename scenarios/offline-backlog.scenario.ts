import { askerTold } from '#checks/asker-told'
import { lost } from '#checks/delivery'
import { allAnswered, answeredOnce, conservation } from '#checks/tasks'
import { drainedEmpty, prefetch, startedInOrder } from '#checks/workers'
import { scenario } from '#experiment'

/** Allowed lead over an older task: of two fresh processes one starts later. Milliseconds. */
const HAND_OVER_MS = 250

export default scenario('offline-backlog', {
  claim:
    'Prompts asked while no worker runs wait in the queue, through a broker restart too; each is answered exactly once afterwards, oldest first.',
  restartsBroker: true,
  sizes: { quick: { prompts: 60 }, full: { prompts: 500 } },
  plan: { settings: { timeScale: 40, waitingMs: 200 } },
  controls: [
    {
      name: 'automatic-ack',
      set: { workerAck: 'automatic' },
      breaks: 'all-answered',
      mayBreak: ['task-conservation', 'drained-empty', 'prefetch'],
      because: 'what a killed worker had buffered was acknowledged when it was sent, and the broker has forgotten it',
    },
    {
      name: 'transient-classic',
      set: { taskQueueType: 'classic', taskPersistent: false },
      breaks: 'all-answered',
      mayBreak: ['task-conservation', 'drained-empty'],
      because: 'a durable queue keeps its messages through a restart only if they are persistent',
    },
  ],
  async run(lab, { prompts }) {
    const askers = await lab.users(prompts, { on: ['im-a', 'im-b'] }) // One conversation each.
    await lab.workers.stop()
    await askers.askInTurn(Array.from({ length: prompts }, (_, i) => `asked while nobody is there ${i}`))
    await lab.until('every prompt waits', () => lab.queue('bot.tasks').ready(), { equals: prompts, withinMs: 10_000 })
    await lab.until('every asker has a notice', () => lab.told(), { atLeast: prompts, withinMs: 10_000 })
    await lab.broker.stop()
    await lab.broker.start()
    await lab.workers.start('worker-fast')
    await lab.untilOrRest(() => askers.answers() >= 3, { withinMs: 30_000 })
    await lab.workers.kill('worker-fast') // The same kill in every arm.
    await lab.workers.start()
    await lab.quiescent({ withinMs: 60_000 }) // Ends when nothing is left to do.
  },
  checks: [allAnswered, answeredOnce, startedInOrder(HAND_OVER_MS), askerTold, lost, conservation, prefetch, drainedEmpty],
})
