import { homedir } from 'node:os'
import { join } from 'node:path'
import { reason } from '#evidence/finding'
import { generatorBound, type LoadDocument, type LoadSecond } from '#evidence/load-document'
import { LOST_MARK, SECOND_MARK, type SecondPart } from '../k6/report.ts'
import { type K6Settings, settingsToEnv } from '../k6/settings.ts'
import { findK6, type K6Program } from './find.ts'
import { Seconds } from './seconds.ts'
import { runK6 } from './start.ts'
import { fieldsOf, type K6Fields } from './summary.ts'

/** VUs share only the clock; a busy machine starts them late. Milliseconds. */
const CONNECT_MS = { least: 5_000, perUser: 20 }
const VUS_MAX = 4

export interface K6LoadOptions {
  workload: 'chat' | 'bot'
  /** HTTP addresses of the IM nodes. */
  nodes: string[]
  secret: string
  users: number
  ratePerSecond: number
  /** Measured part. Milliseconds. */
  forMs: number
  seed: number
  /** Default 2,000. Milliseconds. */
  warmUpMs?: number
  /** Default 10,000 for chat, 60,000 for bot. Milliseconds. */
  drainMs?: number
  /** Default 200. Bytes. */
  bodyBytes?: number
  /** Bot on simulated GPUs: tokens of each answer. Default 0: their own draw. */
  answerTokens?: number
  /** Default 0: none. Milliseconds. */
  p99LimitMs?: number
  /** Ends it with what was measured so far. */
  signal: AbortSignal
  onSecond(second: LoadSecond): void
  /** Default: this machine's. */
  k6?: K6Program
}

export type K6LoadResult = K6Fields &
  Pick<LoadDocument, 'perSecond' | 'verdict' | 'why'> & {
    engine: 'k6'
    /** Ids of what was lost, some of each VU. */
    lostIds: string[]
    interrupted: boolean
  }

/** A load test by k6. Throws K6_MISSING or K6_FAILED with what to do. An interrupt makes it
 *  `unknown`: messages in flight were not awaited. */
export async function k6Load(options: K6LoadOptions): Promise<K6LoadResult> {
  const { workload, signal, onSecond, forMs } = options
  const k6 = options.k6 ?? (await k6OfThisMachine())
  const settings = settingsOf(options)
  const seconds = new Seconds(settings.vus, onSecond)
  const lostIds: string[] = []
  const onLine = (text: string) => {
    if (text.startsWith(SECOND_MARK)) seconds.add(JSON.parse(text.slice(SECOND_MARK.length)) as SecondPart)
    else if (text.startsWith(LOST_MARK)) lostIds.push(...(JSON.parse(text.slice(LOST_MARK.length)) as string[]))
  }
  const end = await runK6({ k6, script: `loadtest/k6/${workload}.ts`, env: settingsToEnv(settings), signal, onLine })
  const perSecond = seconds.all()
  const measured = perSecond.filter(({ second }) => second < forMs / 1_000)
  const { interrupted } = end
  const fields = fieldsOf(end.summary, {
    workload,
    seconds: interrupted ? measured.length : forMs / 1_000,
    vus: settings.vus,
    interrupted,
    offered: measured.reduce((sum, { offered }) => sum + offered, 0),
    delivered: measured.reduce((sum, { delivered }) => sum + delivered, 0),
  })
  const verdict = interrupted
    ? { verdict: 'unknown' as const, why: reason('interrupted') }
    : verdictOf(fields, perSecond, end.thresholdCrossed)
  return { engine: 'k6', ...fields, ...verdict, perSecond, lostIds, interrupted }
}

function verdictOf(fields: K6Fields, perSecond: readonly LoadSecond[], crossed: boolean): Pick<LoadDocument, 'verdict' | 'why'> {
  const failed = fields.thresholds.filter(({ verdict }) => verdict === 'fail')
  const [broken] = failed
  if (broken !== undefined) {
    const { name, measure, bound, limit, value } = broken
    return { verdict: 'fail', why: reason('limit-broken', { name, measure, bound, limit, value }) }
  }
  if (crossed) return { verdict: 'fail', why: reason('k6-crossed') }
  const delivered = perSecond.reduce((sum, second) => sum + second.delivered, 0)
  if (delivered !== fields.latencyMs.count)
    return { verdict: 'unknown', why: reason('counts-differ', { delivered, summed: fields.latencyMs.count }) }
  if (delivered === 0) return { verdict: 'unknown', why: reason('nothing-measured') }
  if (fields.generatorBound) return { verdict: 'unknown', why: generatorBound(fields) }
  return { verdict: 'pass', why: reason('load-held', { checks: 0, limits: fields.thresholds.length, delivered }) }
}

/** A VU holds at least one pair of chat users. Seed and time in names: no earlier conversations. */
function settingsOf(options: K6LoadOptions): K6Settings {
  const { workload, nodes, secret, ratePerSecond, forMs, seed } = options
  const groups = workload === 'chat' ? Math.max(1, Math.floor(options.users / 2)) : Math.max(1, options.users)
  const users = workload === 'chat' ? groups * 2 : groups
  return {
    nodes,
    secret,
    run: `k6-${seed}-${Date.now().toString(36)}`,
    users,
    ratePerSecond,
    forMs,
    warmUpMs: options.warmUpMs ?? 2_000,
    connectMs: CONNECT_MS.least + users * CONNECT_MS.perUser,
    drainMs: options.drainMs ?? (workload === 'chat' ? 10_000 : 60_000),
    vus: Math.min(VUS_MAX, groups),
    bodyBytes: options.bodyBytes ?? 200,
    answerTokens: options.answerTokens ?? 0,
    p99LimitMs: options.p99LimitMs ?? 0,
  }
}

/** The k6 of this machine. Throws K6_MISSING, which says how to get one. */
export function k6OfThisMachine(): Promise<K6Program> {
  const { env } = process
  const cache = env['PREFETCH_LAB_CACHE'] || join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'prefetch-lab')
  return findK6({ told: env['PREFETCH_LAB_K6'], path: env['PATH'] ?? '', cache })
}
