import type { PeerSample, PeerSeries } from '#evidence/peers-document'
import { median } from '#evidence/statistics'
import { pause, until } from '#lab'
import { foreignPercentOf, ownCpuMs, readMachine } from '../../scenarios/lab/runtime/machine-load.ts'
import { PeerProcess } from './process-pool.ts'
import type { PeerArguments } from './servers/process.ts'
import type { QueueCall, Taken } from './servers/tasks.ts'
import type { SeriesOptions } from './session.ts'
import type { Ground } from './systems.ts'
import type { SystemName } from './targets.ts'
import { inTurn, type Turn } from './turns.ts'
import { labUsed } from './usage.ts'

/** The hop over a queue alone: a publisher, two workers with prefetch 1, tasks of zero length. */

/** Met as a backlog, for the pace. */
const BACKLOG_TASKS = 5_000
/** For the latency. */
const RATE_PER_SECOND = 500
const WITHIN_MS = 60_000
const WORKERS = 2

interface Running extends Turn<PeerSample> {
  system: SystemName
  publisher: PeerProcess
  workers: PeerProcess[]
  /** CPU of what lies between them: a broker or Redis. Milliseconds. */
  betweenMs(): number
}

export async function runQueues(
  systems: readonly { system: SystemName; gated: boolean }[],
  { plan, ground, signal, onPiece }: SeriesOptions,
): Promise<PeerSeries[]> {
  await using closing = new AsyncDisposableStack()
  const running: Running[] = []
  for (const { system, gated } of systems) {
    const { file, given, betweenMs } = await programOf(system, ground)
    const start = (name: string) => closing.use(new PeerProcess(file, { ...given, name }))
    const publisher = start('publisher')
    const workers = Array.from({ length: WORKERS }, (_, i) => start(`worker-${i}`))
    await Promise.all(
      [publisher, ...workers].map(one =>
        until('queue', () => one.call({ kind: 'ready' } satisfies QueueCall), { equals: true, withinMs: WITHIN_MS }),
      ),
    )
    running.push({ system, publisher, workers, betweenMs, repetitions: gated ? plan.repetitions : plan.repetitionsUngated, samples: [] })
  }
  for (const one of running) await piece(one, 0, 1_000)
  await inTurn(plan, running, async (one, repetition) => {
    signal.throwIfAborted()
    const sample = await piece(one, repetition, plan.forMs)
    onPiece('queue', one.system, sample)
    return sample
  })
  return running.map(({ system, samples }) => ({ system, load: 'queue', samples }))
}

interface Program {
  file: string
  given: Partial<PeerArguments>
  betweenMs(): number
}

async function programOf(system: SystemName, ground: Ground): Promise<Program> {
  const { modules, redis } = ground
  if (system === 'queue-bullmq')
    return { file: 'servers/queue-bullmq.ts', given: { modules, redis: redis.url }, betweenMs: () => redis.cpuMs }
  const lab = await ground.lab({})
  const given = { ...lab.serverUrls('lab'), variant: system.slice('queue-'.length) }
  const betweenMs = () => labUsed(lab, ['broker']).reduce((sum, { cpuMs }) => sum + cpuMs, 0)
  return { file: 'servers/queue-ours.ts', given, betweenMs }
}

async function piece({ publisher, workers, betweenMs }: Running, repetition: number, forMs: number): Promise<PeerSample> {
  const all = (call: QueueCall) => Promise.all(workers.map(worker => worker.call(call)))
  const look = () => {
    const ownMs = [publisher, ...workers].reduce((sum, { cpuMs }) => sum + cpuMs, 0) + betweenMs() + ownCpuMs()
    return { ...readMachine(), ownMs }
  }
  const before = look()
  await all({ kind: 'pause' })
  await publisher.call({ kind: 'publish', tasks: BACKLOG_TASKS, ratePerSecond: 0 } satisfies QueueCall)
  await all({ kind: 'resume' })
  const drained = await taken(all, BACKLOG_TASKS)
  const tookMs = Math.max(...drained.map(({ lastMs }) => lastMs)) - Math.min(...drained.map(({ firstMs }) => firstMs))
  await pause(100)
  const tasks = Math.round((forMs * RATE_PER_SECOND) / 1_000)
  const cpuBeforeMs = workers.reduce((sum, { cpuMs }) => sum + cpuMs, 0)
  await publisher.call({ kind: 'publish', tasks, ratePerSecond: RATE_PER_SECOND } satisfies QueueCall)
  const latenciesMs = (await taken(all, tasks)).flatMap(({ latenciesMs }) => latenciesMs).sort((a, b) => a - b)
  const after = look()
  return {
    repetition,
    perSecond: (BACKLOG_TASKS * 1_000) / tookMs,
    p50Ms: median(latenciesMs),
    p99Ms: latenciesMs[Math.floor(0.99 * latenciesMs.length)] ?? Number.NaN,
    cpuUs: { worker: ((workers.reduce((sum, { cpuMs }) => sum + cpuMs, 0) - cpuBeforeMs) * 1_000) / tasks },
    generatorUs: 0,
    foreignPercent: foreignPercentOf(before, after),
    rssMiB: { worker: workers.reduce((sum, { rssMiB }) => sum + rssMiB, 0) },
    sent: BACKLOG_TASKS + tasks,
    stored: BACKLOG_TASKS + tasks,
    lost: 0,
    duplicates: 0,
    reordered: 0,
    lateP99Ms: 0,
  }
}

/** Until the tasks are handled. One look each 50 ms is nothing beside thousands of tasks. */
async function taken(all: (call: QueueCall) => Promise<unknown[]>, tasks: number): Promise<Taken[]> {
  const seen: Taken[] = []
  await until(
    'handled',
    async () => {
      seen.push(...((await all({ kind: 'take' })) as Taken[]).filter(({ handled }) => handled > 0))
      return seen.reduce((sum, { handled }) => sum + handled, 0)
    },
    { atLeast: tasks, withinMs: WITHIN_MS, everyMs: 50 },
  )
  return seen
}
