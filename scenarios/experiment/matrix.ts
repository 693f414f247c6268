import type { Inference } from '#contracts/http'
import { DEAD_QUEUE } from '#contracts/topology'
import { type Cell, type Outcome, QUEUE_TYPES, type QueueType, VERBS, type Verb } from '#evidence/store/matrix-document'
import { BROKER_GENERATIONS, type BrokerGeneration, type Lab, LabError, type RuntimeName, startLab } from '#lab'

/** The end of an impossible task by verb x queue type x version, with our attempts' count off. */

/** The queue's own limit of failed deliveries; the broker's default is none or 20. */
const DELIVERY_LIMIT = 5
/** Nobody doubts that it would go on. */
const ENDLESS_AFTER = 100
/** A kill takes a second: more than the limit is enough. */
const KILLS_MAX = DELIVERY_LIMIT + 3
const RETRY_DELAY_MS = 100
const CELL_WITHIN_MS = 90_000
const POISON = 'poison'

/** Classic never counts, quorum counts failures, 4.3 not nacks: rabbitmq.com/docs/quorum-queues */
export function expectedOutcome(generation: BrokerGeneration, queueType: QueueType, verb: Verb): Outcome {
  if (queueType === 'classic') return 'endless'
  return generation === '4.3' && verb === 'nack' ? 'endless' : 'dead-lettered'
}

/** A generation's cells. Only 4.3 has delayed retry; earlier brokers ignore it. */
export function kindsOf(generation: BrokerGeneration): { queueType: QueueType; verb: Verb }[] {
  const queueTypes = QUEUE_TYPES.filter(queueType => queueType !== 'quorum, delayed retry' || generation === '4.3')
  return queueTypes.flatMap(queueType => VERBS.map(verb => ({ queueType, verb })))
}

export interface MatrixOptions {
  /** Default: all. */
  generations?: readonly BrokerGeneration[]
  runtime: RuntimeName
  signal: AbortSignal
  seed: number
  onCell(cell: Cell): void
  onBroker(text: string): void
}

/** One lab for each generation, one virtual host for each of its cells. */
export async function runMatrix(options: MatrixOptions): Promise<Cell[]> {
  const { generations = BROKER_GENERATIONS, runtime, signal, seed, onCell, onBroker } = options
  const cells: Cell[] = []
  for (const broker of generations) {
    const kinds = kindsOf(broker)
    let lab: Lab | undefined
    try {
      for (const kind of kinds) {
        signal.throwIfAborted()
        const plan = { broker, settings: settings(kind, seed) }
        if (lab === undefined) lab = await startLab(plan, { runtime, signal, spaces: kinds.length })
        else await lab.renew(plan, signal)
        const version = (await lab.versions()).broker
        if (kind === kinds[0]) onBroker(version)
        const cell = { broker: version, generation: broker, ...kind, ...(await runCell(lab, kind.verb, signal)) }
        cells.push({ ...cell, expected: expectedOutcome(broker, kind.queueType, kind.verb) })
        onCell(cells.at(-1) as Cell)
      }
    } finally {
      await lab?.down()
    }
  }
  return cells
}

function settings({ queueType, verb }: { queueType: QueueType; verb: Verb }, seed: number) {
  return {
    seed,
    timeScale: 20,
    gpuColdLoad: false,
    taskAttemptsMax: 0,
    failureHandling: 'retry', // No pause of the worker: what is counted is the broker's.
    taskQueueType: queueType === 'classic' ? 'classic' : 'quorum',
    taskRetryDelayMs: queueType === 'quorum, delayed retry' ? RETRY_DELAY_MS : 0,
    taskDeliveryLimit: DELIVERY_LIMIT,
    retryVerb: verb === 'nack' ? 'nack' : 'reject',
  } as const
}

async function runCell(
  lab: Lab,
  verb: Verb,
  signal: AbortSignal,
): Promise<Pick<Cell, 'outcome' | 'redeliveries' | 'deadLettered' | 'perSecond' | 'kills'>> {
  const fault = verb === 'killed' ? { hangAfterTokens: 2 } : { status: 500 }
  for (const { name } of lab.plan.gpus) await lab.faults(name, { ...fault, onlyPromptsWith: POISON })
  const client = await lab.client('asker', { nodes: ['im-a'] })
  const sent = await client.send(client.robot, `${POISON}, please`)
  if (sent.state !== 'stored' || sent.task === undefined) throw new LabError('TIMED_OUT', `the prompt was not stored but ${sent.state}`)
  const { task } = sent
  const kills: Cell['kills'] = []
  const dead = async () => (await lab.queue(DEAD_QUEUE))?.ready ?? 0
  await lab.until(
    `the task is dead, or was inferred ${ENDLESS_AFTER} times`,
    async () => {
      signal.throwIfAborted()
      const runs = await runsOf(lab, task)
      const running = runs.find(run => run.outcome === 'running')
      if (verb === 'killed' && running !== undefined && kills.length < KILLS_MAX) kills.push(await killAndStart(lab, running, runs.length))
      return { dead: await dead(), inferred: runs.length, kills: kills.length }
    },
    { is: seen => seen.dead > 0 || seen.inferred >= ENDLESS_AFTER || seen.kills >= KILLS_MAX, withinMs: CELL_WITHIN_MS, everyMs: 50 },
  )
  const runs = await runsOf(lab, task)
  const deadLettered = await dead()
  const times = runs.map(run => Number(run.receivedAtNs) / 1e9)
  const seconds = Math.max(...times) - Math.min(...times)
  return {
    outcome: deadLettered > 0 ? 'dead-lettered' : 'endless',
    redeliveries: runs.length - 1,
    deadLettered,
    perSecond: seconds > 0 ? Math.round(((runs.length - 1) / seconds) * 10) / 10 : 0,
    kills,
  }
}

async function runsOf(lab: Lab, task: string): Promise<Inference[]> {
  const logs = await Promise.all(lab.plan.gpus.map(({ name }) => lab.inferences(name)))
  return logs.flat().filter(run => run.task === task)
}

/** In the middle of the inference. Started again, so that there are always two to take it. */
async function killAndStart(lab: Lab, { worker }: Inference, attempt: number): Promise<Cell['kills'][number]> {
  const seen = await lab.kill(worker)
  await lab.start(worker)
  return { worker, attempt, gone: seen.get(worker) !== undefined }
}
