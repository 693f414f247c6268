import type { PeerSeries, PeersDocument } from '#evidence/peers-document'
import { type LabPlan, startLab } from '#lab'
import { runIdle } from './idle.ts'
import { judgeTarget, verdictOf } from './judge.ts'
import { runQueues } from './queues.ts'
import { PrivateRedis, REDIS_PERSISTENCE } from './redis.ts'
import { SEMANTICS } from './semantics.ts'
import { runSeries, type SeriesOptions } from './session.ts'
import { type Load, pairsOf, type SystemName, type Target } from './targets.ts'
import { ROUNDS_MAX } from './turns.ts'

/** Peers in one run: every load that the targets need, each system of it in turn. */

export interface PeersOptions extends Omit<SeriesOptions, 'ground'> {
  targets: readonly Target[]
  labPlan: LabPlan
  /** Folder of the peers' packages. */
  modules: string
  /** Path of `redis-server`. */
  redisProgram: string
}

export type PeersResult = Pick<PeersDocument, 'verdict' | 'targets' | 'systems' | 'plan' | 'set' | 'redisPersistence' | 'versions'>

export async function runPeers(options: PeersOptions): Promise<PeersResult> {
  const { targets, labPlan, modules, redisProgram, plan, signal } = options
  await using closing = new AsyncDisposableStack()
  const redis = closing.use(await PrivateRedis.start(redisProgram))
  // Idle connections are measured on fresh nodes, each time in a fresh space.
  const loads = pairsOf(targets)
  const spaces = 1 + (loads.some(({ load }) => load === 'idle') ? ROUNDS_MAX * plan.repetitions : 0)
  const labs = new Map<string, ReturnType<typeof startLab>>()
  const lab = (settings: Record<string, unknown>) => {
    const key = JSON.stringify(settings)
    const known = labs.get(key)
    if (known !== undefined) return known
    const whole = { ...labPlan, settings: { ...labPlan.settings, ...settings } }
    const started = startLab(whole, { runtime: 'native', signal, spaces }).then(started => closing.use(started))
    labs.set(key, started)
    return started
  }
  const given = { ...options, ground: { modules, redis, lab } }
  const series: PeerSeries[] = []
  for (const { load, systems } of loads) series.push(...(await seriesOf(load)(systems, given)))
  const judged = targets.map(target => judgeTarget(target, series))
  const [first] = labs.values()
  const { broker, database } = first === undefined ? { broker: '', database: '' } : await (await first).versions()
  return {
    plan,
    targets: judged,
    verdict: verdictOf(judged),
    systems: series.map(one => ({ ...one, semantics: SEMANTICS[one.system as SystemName] })),
    set: { ...labPlan.settings },
    redisPersistence: { ...REDIS_PERSISTENCE },
    versions: { broker, database, redis: `Redis ${redis.version}` },
  }
}

function seriesOf(load: Load): typeof runIdle {
  if (load === 'queue') return runQueues
  return load === 'idle' ? runIdle : (systems, given) => runSeries(load, systems, given)
}
