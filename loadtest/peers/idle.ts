import type { PeerSample, PeerSeries } from '#evidence/peers-document'
import { foreignPercentOf } from '../../scenarios/lab/runtime/machine-load.ts'
import { crowdOn } from './piece.ts'
import type { PeerProcess } from './process-pool.ts'
import type { SeriesOptions } from './session.ts'
import { type Ground, openSystem } from './systems.ts'
import type { SystemName } from './targets.ts'
import { inTurn, type Turn } from './turns.ts'
import { byKind, lookAt } from './usage.ts'

/** Connections that do nothing: how fast they come, and what they keep of the nodes' memory. */

const CONNECTIONS = 5_000

interface Running extends Turn<PeerSample> {
  system: SystemName
}

export async function runIdle(
  systems: readonly { system: SystemName; gated: boolean }[],
  { plan, ground, signal, onPiece }: SeriesOptions,
): Promise<PeerSeries[]> {
  const running = systems.map(
    ({ system, gated }): Running => ({ system, repetitions: gated ? plan.repetitions : plan.repetitionsUngated, samples: [] }),
  )
  await inTurn<PeerSample, Running>(plan, running, async ({ system }, repetition) => {
    signal.throwIfAborted()
    const sample = await piece(system, ground, repetition)
    onPiece('idle', system, sample)
    return sample
  })
  return running.map(({ system, samples }) => ({ system, load: 'idle', samples }))
}

/** On fresh nodes: memory that was used before would serve again. */
async function piece(system: SystemName, ground: Ground, repetition: number): Promise<PeerSample> {
  await using closing = new AsyncDisposableStack()
  if (system === 'ours') {
    const lab = await ground.lab({})
    await lab.renew(lab.plan)
  }
  const open = await openSystem(system, ground, closing)
  const nodes = () => open.used().filter(({ kind }) => kind === 'node')
  const look = (clientMs = 0) => lookAt(nodes(), clientMs)
  // Logging in is another thing, done over HTTP, and not of the others' systems.
  let before = look()
  const loggedIn = (client: PeerProcess) => {
    before = look(client.cpuMs)
  }
  const { client, tookMs } = await crowdOn(open, { users: CONNECTIONS, bodyBytes: 1 }, closing, loggedIn)
  const after = look(client.cpuMs)
  const clientMs = after.clientMs - before.clientMs
  const more = after.used.map((one, i) => ({
    ...one,
    cpuMs: one.cpuMs - (before.used[i]?.cpuMs ?? 0),
    rssMiB: one.rssMiB - (before.used[i]?.rssMiB ?? 0),
  }))
  return {
    repetition,
    perSecond: (CONNECTIONS * 1_000) / tookMs,
    p50Ms: 0,
    p99Ms: 0,
    cpuUs: Object.fromEntries(Object.entries(byKind(more, 'cpuMs')).map(([kind, ms]) => [kind, (ms * 1_000) / CONNECTIONS])),
    generatorUs: (clientMs * 1_000) / CONNECTIONS,
    foreignPercent: foreignPercentOf(before, after),
    rssMiB: byKind(more, 'rssMiB'),
    ...{ sent: CONNECTIONS, stored: 0, lost: 0, duplicates: 0, reordered: 0, lateP99Ms: 0 },
  }
}
