import {
  acksAfterAnswer,
  answerConfirmed,
  endsWhenAsked,
  holdsAtMost,
  keepsHeartbeat,
  poisonEnds,
  reconnects,
  settlesWhereDelivered,
  taskAnswered,
} from '#checks/own-worker'
import { type ArmLab, type Control, type OwnWorker, POISON, scenario } from '#experiment'

/** A worker of somebody's own, in any language, between our queue and our simulated GPU. */

const PREFETCH = 2
const DELIVERY_LIMIT = 5
/** A worker that waits until it is heard again: Java's client takes five seconds. Milliseconds. */
const RECONNECTS_WITHIN_MS = 10_000
/** As Docker waits before it kills. Milliseconds. */
const ENDS_WITHIN_MS = 10_000
const SETTLES_WITHIN_MS = 25_000
/** A mistake after which nothing more comes. Milliseconds. */
const STUCK_AFTER_MS = 11_000
const HEARTBEAT_SECONDS = 2
const TASKS = 6

/** What happens to the worker. It runs; afterwards it has time to come to rest. */
const TROUBLES = {
  'steady work': async (_, worker) => {
    await worker.send(2 * TASKS)
    await worker.start()
  },
  'kill -9 amid the work': async (_, worker) => {
    await worker.send(TASKS)
    await worker.start()
    await worker.works()
    await worker.kill()
    await worker.start()
  },
  'a task that no model can answer': async (lab, worker) => {
    await lab.faults('gpu', { status: 500, onlyPromptsWith: POISON })
    await worker.send(TASKS, 1)
    await worker.start()
  },
  'a model server that is busy, then away': async (lab, worker) => {
    await lab.faults('gpu', { status: 503, retryAfterSeconds: 1 })
    await worker.send(TASKS)
    await worker.start()
    const refused = async () => (await lab.inferences()).filter(({ outcome }) => outcome === 'failed').length
    await lab.until('it was refused', refused, { atLeast: 1, withinMs: 15_000 })
    await worker.lasts(1_000)
    await lab.faults('gpu', { down: true })
    await worker.lasts(1_500)
    await lab.faults('gpu', {})
  },
  'a lost connection': async (_, worker) => {
    await worker.send(TASKS)
    await worker.start()
    await worker.works()
    await worker.cut(1_500)
  },
  'SIGTERM amid the work': async (_, worker) => {
    await worker.send(TASKS)
    await worker.start()
    await worker.works()
    await worker.stop()
    await worker.start()
  },
  'an answer of seven seconds': async (_, worker) => {
    await worker.send(1)
    await worker.start()
  },
} satisfies Record<string, (lab: ArmLab, worker: OwnWorker) => Promise<unknown>>
type Trouble = keyof typeof TROUBLES

interface Parameters {
  trouble: Trouble
  /** For a shell, in this folder. */
  command: string
  folder: string
  /** Time to come to rest after the trouble. Milliseconds. */
  settlesWithinMs: number
}

const OWN: Parameters = {
  trouble: 'steady work',
  command: 'node worker-contract/templates/node/worker.mjs',
  folder: import.meta.dirname,
  settlesWithinMs: SETTLES_WITHIN_MS,
}

const SETTLING = ['task-answered', 'acks-after-answer', 'answer-confirmed', 'settles-where-delivered']
const JUDGED: Record<Trouble, readonly string[]> = {
  'steady work': [...SETTLING, 'holds-at-most'],
  'kill -9 amid the work': SETTLING,
  'a task that no model can answer': ['poison-ends', ...SETTLING],
  'a model server that is busy, then away': SETTLING,
  'a lost connection': ['reconnects', ...SETTLING],
  'SIGTERM amid the work': ['ends-when-asked', ...SETTLING],
  'an answer of seven seconds': ['keeps-heartbeat', ...SETTLING],
}

const arm = (trouble: Trouble, name: string = trouble) => ({
  name,
  with: { trouble },
  judgedBy: JUDGED[trouble],
  // The card takes 350 ms for an answer.
  set: { timeScale: trouble === 'an answer of seven seconds' ? 0.05 : 1 },
})

/** The template with one mistake. */
function mistake(name: string, trouble: Trouble, breaks: string, mayBreak: readonly string[], because: string): Control<Parameters> {
  const command = `MISTAKE=${name} node --import ./worker-contract/mistakes/node.mjs worker-contract/templates/node/worker.mjs`
  const own = arm(trouble, `mistake: ${name}`)
  return {
    ...own,
    with: { trouble, command, settlesWithinMs: breaks === 'holds-at-most' ? SETTLES_WITHIN_MS : STUCK_AFTER_MS },
    breaks,
    mayBreak,
    because,
  }
}

export default scenario<Parameters>('worker-contract', {
  claim:
    'A worker loses no task: not when it is killed or stopped amid its work, not by a task that no model can answer, by a model server that is busy or away, by a lost connection, or by a long answer.',
  takes: 'command',
  sizes: { quick: OWN, full: OWN },
  plan: ({ command, folder }) => ({
    imNodes: [],
    gpus: [{ name: 'gpu', profile: 'synthetic-slow' }],
    workers: [],
    commands: [{ name: 'worker', line: command, folder, gpu: 'gpu', prefetchTasks: PREFETCH }],
    settings: { taskDeliveryLimit: DELIVERY_LIMIT },
  }),
  arms: (Object.keys(TROUBLES) as Trouble[]).map(trouble => arm(trouble)),
  controls: [
    mistake(
      'ack-before-work',
      'kill -9 amid the work',
      'acks-after-answer',
      ['task-answered', 'answer-confirmed'],
      'what a killed worker had acknowledged is gone for good',
    ),
    mistake('prefetch-unlimited', 'steady work', 'holds-at-most', [], 'the broker gives it all that waits'),
    mistake(
      'requeue-loop',
      'a task that no model can answer',
      'poison-ends',
      [],
      'RabbitMQ 4.3 does not count a nack, and the task comes back for ever',
    ),
    mistake('no-reconnect', 'a lost connection', 'reconnects', ['task-answered'], 'its process lives and consumes nothing any more'),
    mistake(
      'ack-on-new-channel',
      'steady work',
      'settles-where-delivered',
      ['task-answered'],
      'the broker does not know the delivery there and closes the channel',
    ),
    mistake(
      'blocks-heartbeat',
      'an answer of seven seconds',
      'keeps-heartbeat',
      ['task-answered', 'acks-after-answer', 'answer-confirmed', 'settles-where-delivered'],
      'the broker takes the connection for dead and gives the task to somebody else',
    ),
  ],
  async run(lab, { trouble, settlesWithinMs }) {
    const worker = await lab.plain.ownWorker(trouble === 'an answer of seven seconds' ? HEARTBEAT_SECONDS : undefined)
    await TROUBLES[trouble](lab, worker)
    await worker.settled(settlesWithinMs)
  },
  checks: [
    taskAnswered,
    acksAfterAnswer,
    answerConfirmed,
    holdsAtMost(PREFETCH),
    settlesWhereDelivered,
    poisonEnds(DELIVERY_LIMIT),
    reconnects(RECONNECTS_WITHIN_MS),
    endsWhenAsked(ENDS_WITHIN_MS),
    keepsHeartbeat,
  ],
})
