import { answeredOnce } from '#checks/tasks'
import { DEAD_QUEUE } from '#contracts/topology'
import { endsAs, expectedOutcome, MATRIX, QUEUE_TYPES, VERBS, type Verb } from '#evidence/matrix'
import { BROKER_GENERATIONS, type BrokerGeneration, type LabPlan } from '#lab'
import type { ArmLab } from './arm-lab.ts'
import { type Arm, type Scenario, scenario } from './definition.ts'

/** The end of a task that no worker can do: verb x queue type x RabbitMQ. */

/** The queue's own limit of failed deliveries; the broker's default is none or 20. */
const DELIVERY_LIMIT = 5
/** Nobody doubts that it would go on. */
const ENDLESS_AFTER = 100
/** A kill takes a second: more than the limit is enough. */
const KILLS_MAX = DELIVERY_LIMIT + 3
const RETRY_DELAY_MS = 100
const LOOK = { withinMs: 90_000, everyMs: 50 }
const POISON = 'poison'

/** One GPU fails at once, the other hangs until its worker is killed. */
const FAILS = 'gpu-fast'
const HANGS = 'gpu-slow'
/** Each verb has a queue of its own, by the capability of that name. */
const WORKERS = [
  { name: 'worker-nack', gpu: FAILS, own: { capabilities: ['nack'], retryVerb: 'nack' } },
  { name: 'worker-reject', gpu: FAILS, own: { capabilities: ['reject'], retryVerb: 'reject' } },
  { name: 'worker-fast', gpu: HANGS, own: { capabilities: ['killed'] } },
  { name: 'worker-slow', gpu: HANGS, own: { capabilities: ['killed'] } },
] as const

const PLAN: Partial<LabPlan> = {
  imNodes: ['im-a'],
  workers: WORKERS.map(({ name, gpu }) => ({ name, gpu })),
  settings: {
    timeScale: 20,
    capabilitiesOffered: [...VERBS],
    taskAttemptsMax: 0, // The broker alone counts.
    failureHandling: 'retry', // No pause of the worker: what is counted is the broker's.
    taskDeliveryLimit: DELIVERY_LIMIT,
  },
  partSettings: Object.fromEntries(WORKERS.map(({ name, own }) => [name, { ...own, capabilities: [...own.capabilities] }])),
}

/** An arm for each kind of queue. Only 4.3 has delayed retry; earlier brokers ignore it. */
function armsOf(broker: BrokerGeneration): Arm<object>[] {
  return QUEUE_TYPES.filter(queueType => queueType !== 'quorum, delayed retry' || broker === '4.3').map(queueType => ({
    name: `${broker}, ${queueType}`,
    broker,
    set: {
      taskQueueType: queueType === 'classic' ? 'classic' : 'quorum',
      taskRetryDelayMs: queueType === 'quorum, delayed retry' ? RETRY_DELAY_MS : 0,
    },
    with: { generation: broker, queueType },
    judgedBy: [...VERBS.map(verb => endsAs(verb, expectedOutcome(broker, queueType, verb)).name), answeredOnce.name],
  }))
}

/** @param generations default: all */
export function matrixOf(generations: readonly BrokerGeneration[] = BROKER_GENERATIONS): Scenario {
  return scenario<object>(MATRIX, {
    claim:
      'A task that no worker can do is dead-lettered at the limit of a quorum queue, and comes back for ever from a classic one; from 4.3 on a nack does not count.',
    typed: 'nack-requeue --matrix',
    sizes: { quick: {}, full: {} },
    plan: PLAN,
    arms: generations.flatMap(armsOf),
    controls: [],
    async run(lab) {
      await lab.faults(FAILS, { status: 500, onlyPromptsWith: POISON })
      await lab.faults(HANGS, { hangAfterTokens: 2, onlyPromptsWith: POISON })
      const given = [await ask(lab, 'nack'), await ask(lab, 'reject')]
      const endless = async (task: string) => (await runsOf(lab, task)).length >= ENDLESS_AFTER
      await lab.until(
        `tasks that are dead or were inferred ${ENDLESS_AFTER} times`,
        async () => (await dead(lab)) + (await Promise.all(given.map(endless))).filter(Boolean).length,
        { ...LOOK, atLeast: given.length },
      )
      await lab.faults(FAILS, {})
      await killUntilDead(lab, await ask(lab, 'killed'))
      await lab.quiescent(LOOK)
    },
    checks: [...VERBS.flatMap(verb => [endsAs(verb, 'dead-lettered'), endsAs(verb, 'endless')]), answeredOnce],
  })
}

async function ask(lab: ArmLab, verb: Verb): Promise<string> {
  const asker = await lab.device(verb, { on: lab.nodeNames })
  return lab.mark(await asker.ask(`${POISON}, please`, undefined, verb), 'poison')
}

const runsOf = async (lab: ArmLab, task: string) => (await lab.inferences()).filter(run => run.task === task)
const dead = async (lab: ArmLab) => (await lab.queue(DEAD_QUEUE).ready()) ?? 0

/** Each kill is in the middle of an inference. The worker starts again in the background. */
async function killUntilDead(lab: ArmLab, task: string): Promise<void> {
  const starts = new Map<string, Promise<void>>()
  const deadBefore = await dead(lab)
  for (let kills = 1; kills <= KILLS_MAX; kills += 1) {
    const look = async () => ({ isDead: (await dead(lab)) > deadBefore, last: (await runsOf(lab, task))[kills - 1] })
    const is = ({ isDead, last }: Awaited<ReturnType<typeof look>>) => isDead || last?.outcome === 'running'
    const { last } = await lab.until(`the task is dead, or runs for the ${kills}. time`, look, { ...LOOK, is })
    if (last === undefined) break
    await starts.get(last.worker)
    // The next worker to take it answers it.
    if (kills === KILLS_MAX) await lab.faults(HANGS, {})
    await lab.workers.kill(last.worker)
    const started = lab.workers.start(last.worker)
    started.catch(() => undefined) // Thrown below.
    starts.set(last.worker, started)
  }
  await Promise.all(starts.values())
}
