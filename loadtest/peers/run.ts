import type { PeerSeries, PeersDocument } from '#evidence/peers-document'
import { type LabPlan, startLab } from '#lab'
import { judgeTarget, verdictOf } from './judge.ts'
import { runQueues } from './queues.ts'
import { PrivateRedis, REDIS_PERSISTENCE } from './redis.ts'
import { SEMANTICS } from './semantics.ts'
import { runSeries, type SeriesOptions } from './session.ts'
import { pairsOf, type SystemName, type Target } from './targets.ts'

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
  const labs = new Map<string, ReturnType<typeof startLab>>()
  const lab = (settings: Record<string, unknown>) => {
    const key = JSON.stringify(settings)
    const known = labs.get(key)
    if (known !== undefined) return known
    const whole = { ...labPlan, settings: { ...labPlan.settings, ...settings } }
    const started = startLab(whole, { runtime: 'native', signal }).then(started => closing.use(started))
    labs.set(key, started)
    return started
  }
  const given = { ...options, ground: { modules, redis, lab } }
  const series: PeerSeries[] = []
  for (const { load, systems } of pairsOf(targets))
    series.push(...(await (load === 'queue' ? runQueues(systems, given) : runSeries(load, systems, given))))
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
