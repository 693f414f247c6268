import { nobodyElse, reached, workedOnce } from '#checks/routing'
import { type Plain, scenario } from '#experiment'

/** A task kills each worker that takes it. The delivery limit counts for all that a dead worker
 *  held, the innocent tasks too. */

const LIMIT = 3
const POISON = 'poison'
const TASKS = [POISON, 'task 1', 'task 2', 'task 3', 'task 4']
const DEAD = 'dead-letters'
const WITHIN_MS = 20_000

interface Worker {
  prefetch: number
  /** Begins of a task before it is given up, by the workers' own count. 0 = not counted. */
  beginsMax: number
}

/** Lives until it takes the poison. @returns whether it died */
async function live(plain: Plain, { prefetch, beginsMax }: Worker, begun: Map<string, number>, isOver: () => boolean): Promise<boolean> {
  const ch = await plain.raw()
  await ch.prefetch(prefetch)
  let died = false
  await ch.consume('tasks', delivery => {
    if (delivery === null || died) return
    const message = delivery.content.toString()
    const times = (begun.get(message) ?? 0) + 1
    if (beginsMax > 0 && times > beginsMax) return ch.reject(delivery, false)
    begun.set(message, times)
    if (message === POISON) {
      died = true // Whatever else it holds dies with it.
      return
    }
    plain.record({ kind: 'received', message, queue: 'tasks', consumer: 'worker' })
    ch.ack(delivery)
  })
  await plain.until('it died, or all is over', () => died || isOver(), { equals: true, withinMs: WITHIN_MS })
  await ch.close()
  return died
}

export default scenario<Worker>('crash-loop', {
  claim:
    'Of a task that kills every worker and four innocent ones, the delivery limit ends the poison alone: with prefetch 1, and with a larger one where workers count what they begin.',
  sizes: { quick: { prefetch: 1, beginsMax: 0 }, full: { prefetch: 1, beginsMax: 0 } },
  plan: { imNodes: [], gpus: [], workers: [] },
  arms: [{ name: 'prefetch 1' }, { name: 'prefetch 5, begins counted', with: { prefetch: 5, beginsMax: 2 } }],
  controls: [
    {
      name: 'prefetch 5',
      with: { prefetch: 5 },
      breaks: 'nobody-else',
      mayBreak: ['reached'],
      because: 'each crash gives back all five, and counts for all five: the innocent ones reach the limit with the poison',
    },
  ],
  async run({ plain }, worker) {
    const ch = await plain.channel()
    await ch.assertQueue(DEAD)
    const limited = { 'x-queue-type': 'quorum', 'x-delivery-limit': LIMIT, 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': DEAD }
    await ch.assertQueue('tasks', limited)
    await ch.consume(DEAD, DEAD)
    for (const message of TASKS) ch.publish('', 'tasks', message, { every: [message === POISON ? DEAD : 'worker'] })
    const isOver = () => plain.count('received') === TASKS.length
    const begun = new Map<string, number>() // As a database keeps it: it outlives the worker.
    while (await live(plain, worker, begun, isOver));
    await ch.settled()
    plain.over()
  },
  checks: [reached, nobodyElse, workedOnce],
})
