import type { HistoryEvent } from '#evidence/history'
import { type GeneratorCode, LOAD_SCHEMA_VERSION, type LoadDocument } from '#evidence/load-document'
import { latencyOfSecond, summaryOf } from '../../loadtest/engine/figures.ts'
import { draws as drawsOf } from '../../scenarios/predictor/random.ts'

/** A load test as its engine would have left it, made up: for tests of what renders it. Pure. */

export interface LoadFixtureOptions {
  /** Default 1. */
  seed?: number
  /** Median latency. Default 3. Milliseconds. */
  medianMs?: number
  /** Default 20. */
  seconds?: number
  perSecond?: number
  /** Default: every limit is kept. */
  limitP99Ms?: number
  generatorBound?: boolean
  duringPercent?: number
}

export interface LoadFixture {
  load: LoadDocument
  histories: Map<string, HistoryEvent[]>
}

export function loadFixture(options: LoadFixtureOptions = {}): LoadFixture {
  const { seed = 1, medianMs = 3, seconds = 20, perSecond = 50, limitP99Ms = 100, generatorBound = false, duringPercent = 3 } = options
  const draws = drawsOf(seed)
  const events: HistoryEvent[] = []
  const sends = Array.from({ length: seconds * perSecond }, (_, i) => {
    const dueMs = (1_000 * i) / perSecond
    const latencyMs = medianMs * Math.exp(0.5 * draws.normal())
    const storedMs = latencyMs / 2
    const [user, to, clientMessageId] = [`u${i % 10}`, `v${i % 10}`, `m${i}`]
    const from = { user, device: `${user}.1`, clientMessageId }
    const seq = Math.floor(i / 10)
    events.push(
      { kind: 'send', atMs: dueMs + 0.1, dueMs, to, ...from },
      { kind: 'stored', atMs: dueMs + storedMs, conversation: `c${i % 10}`, seq, ...from },
      {
        kind: 'shown',
        atMs: dueMs + latencyMs,
        user: to,
        device: `${to}.1`,
        conversation: `c${i % 10}`,
        seq,
        sender: user,
        to,
        clientMessageId,
      },
    )
    return { dueMs, latencyMs, storedMs }
  })
  const latencies = sends.map(({ latencyMs }) => latencyMs)
  const p99 = summaryOf('due-to-seen', latencies).p99
  const kept = p99 <= limitP99Ms
  const limit = { name: 'seen-in-time', measure: 'latencyMs.p99', bound: 'at-most' as const, limit: limitP99Ms, value: p99 }
  const verdict = generatorBound ? 'unknown' : kept ? 'pass' : 'fail'
  const load: LoadDocument = {
    schemaVersion: LOAD_SCHEMA_VERSION,
    kind: 'load',
    workload: 'chat',
    engine: 'built-in',
    verdict,
    why: generatorBound
      ? { code: 'generator-bound', values: { because: 'busy', cpuPercent: 98, cpuMaxPercent: 90 } }
      : { code: kept ? 'load-held' : 'limit-broken', values: limit },
    seed,
    runtime: 'native',
    startedAt: '2026-11-24T10:00:00.000Z',
    tookMs: 30_000,
    command: `npm run load -- chat --rate ${perSecond} --for ${seconds}s --seed ${seed}`,
    versions: { lab: '0.1.0', node: 'v24.0.0', broker: 'RabbitMQ 3.10.8', database: 'PostgreSQL 18.4' },
    commit: { id: 'abc1234', dirty: false },
    machine: { cpu: 'a CPU', cores: 2, memoryGiB: 8, system: 'Linux 6' },
    plan: { users: 20, perSecond, warmUpMs: 5_000, measuredMs: 1_000 * seconds },
    design: 'sound',
    timeScale: 1,
    taskQueueType: 'quorum',
    set: { workerPrefetchTasks: 1 },
    facts: { sequenced: true, robot: 'URobot', workers: [], attemptsMax: 3 },
    checks: [
      {
        name: 'lost',
        verdict: 'pass',
        claim: 'Nothing is lost.',
        breaches: [],
        found: 0,
        limits: [],
        judged: { count: sends.length, of: 'messages' },
      },
    ],
    judgedShare: 1,
    thresholds: [
      { ...limit, verdict },
      {
        name: 'delivered-of-offered',
        measure: 'deliveredShare',
        bound: 'at-least',
        limit: 0.99,
        value: 1,
        verdict: generatorBound ? 'unknown' : 'pass',
      },
    ],
    offeredPerSecond: perSecond,
    deliveredPerSecond: perSecond,
    latencyMs: summaryOf('due-to-seen', latencies),
    storedMs: summaryOf(
      'due-to-stored',
      sends.map(({ storedMs }) => storedMs),
    ),
    latencies: {},
    measures: { deliveredShare: 1 },
    lost: 0,
    duplicates: 0,
    perSecond: Array.from({ length: seconds }, (_, second) => {
      const own = sends.filter(({ dueMs }) => Math.floor(dueMs / 1_000) === second).map(({ latencyMs }) => latencyMs)
      return { second, offered: own.length, stored: own.length, delivered: own.length, failed: 0, latencyMs: latencyOfSecond(own) }
    }),
    generatorBound,
    generator: {
      threads: 1,
      lateP99Ms: 0.4,
      cpuPercent: generatorBound ? 98 : 30,
      because: (generatorBound ? 'busy' : 'kept-up') satisfies GeneratorCode,
    },
    noise: { beforePercent: 1, duringPercent, worstPercent: duringPercent + 3, afterPercent: 1 },
    parts: [
      { name: 'im-a', kind: 'im-node', cpuMs: 800, rssMiB: 90 },
      { name: 'rabbitmq', kind: 'broker', cpuMs: 1_200, rssMiB: 130 },
    ],
    events: events.length,
  }
  return { load, histories: new Map([['load', events]]) }
}
