import type { GrowthSample } from '#evidence/growth-document'
import { type Lab, until } from '#lab'
import { foreignPercentOf, ownCpuMs, readMachine } from '../../scenarios/lab/runtime/machine-load.ts'
import { PeerProcess } from '../peers/process-pool.ts'
import type { QueueCall, Taken } from '../peers/servers/tasks.ts'
import { labUsed } from '../peers/usage.ts'

/** A queue with a backlog that stays: workers take from its head as fast as tasks are published. */

/** Two workers that hold each task this long take about as many as are published. */
const HOLD_MS = 5
export const TASKS_PER_SECOND = 300
const WORKERS = 2
const WITHIN_MS = 120_000

export interface QueueUnderLoad {
  publisher: PeerProcess
  workers: PeerProcess[]
  lab: Lab
}

/** @param variant `classic` or `quorum` */
export async function queueOn(variant: string, lab: Lab, closing: AsyncDisposableStack): Promise<QueueUnderLoad> {
  const start = (name: string) => closing.use(new PeerProcess('servers/queue-ours.ts', { ...lab.serverUrls('lab'), variant, name }))
  const publisher = start('publisher')
  const workers = Array.from({ length: WORKERS }, (_, i) => start(`worker-${i}`))
  const ready = (one: PeerProcess) => () => one.call({ kind: 'ready' } satisfies QueueCall)
  await Promise.all([publisher, ...workers].map(one => until('queue', ready(one), { equals: true, withinMs: WITHIN_MS })))
  return { publisher, workers, lab }
}

export async function backlogPiece(
  { publisher, workers, lab }: QueueUnderLoad,
  backlog: number,
  forMs: number,
  repetition: number,
): Promise<GrowthSample> {
  const all = (call: QueueCall) => Promise.all(workers.map(worker => worker.call(call)))
  const look = () => {
    const cpuMs = {
      publisher: publisher.cpuMs,
      worker: workers.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
      broker: labUsed(lab, ['broker']).reduce((sum, { cpuMs }) => sum + cpuMs, 0),
    }
    return { ...readMachine(), cpuMs, ownMs: Object.values(cpuMs).reduce((sum, ms) => sum + ms, ownCpuMs()) }
  }
  await publisher.call({ kind: 'publish', tasks: backlog, ratePerSecond: 0 } satisfies QueueCall)
  await all({ kind: 'resume', holdMs: HOLD_MS })
  await all({ kind: 'take' })
  const before = look()
  const fromMs = performance.now()
  const tasks = Math.round((forMs * TASKS_PER_SECOND) / 1_000)
  await publisher.call({ kind: 'publish', tasks, ratePerSecond: TASKS_PER_SECOND } satisfies QueueCall)
  const after = look()
  const tookMs = performance.now() - fromMs
  const handled = ((await all({ kind: 'take' })) as Taken[]).reduce((sum, taken) => sum + taken.handled, 0)
  await all({ kind: 'pause' })
  await publisher.call({ kind: 'purge' } satisfies QueueCall)
  const kinds = Object.keys(before.cpuMs) as (keyof typeof before.cpuMs)[]
  const usedMs = (kind: (typeof kinds)[number]) => after.cpuMs[kind] - before.cpuMs[kind]
  return {
    repetition,
    perSecond: (handled * 1_000) / tookMs,
    p50Ms: null,
    cpuUs: Object.fromEntries(kinds.map(kind => [kind, (usedMs(kind) * 1_000) / handled])),
    generatorUs: 0,
    foreignPercent: foreignPercentOf(before, after),
    rssMiB: { broker: labUsed(lab, ['broker']).reduce((sum, { rssMiB }) => sum + rssMiB, 0) },
    lost: 0,
    duplicates: 0,
  }
}
