import type { HistoryEvent } from '#checks/history'
import { judgeArm } from '#checks/judge'
import { foreignCpu, lateP99Ms, tooNoisy } from '#checks/verdict'
import { resolveSettings } from '#contracts/settings'
import type { Lab } from '#lab'
import type { SentRecord, Tick } from '../generator/messages.ts'
import type { TamperPlan } from '../generator/tamper.ts'
import type { LoadDocument } from '../run-document.ts'
import type { LoadPlan } from '../workload.ts'
import { perSecond, summaryOf, valuesOf } from './figures.ts'
import { checksFor, judgedEvents, lostAndDoubled } from './judged.ts'
import { latenciesOf, measuresOf, thresholdsOf } from './measures.ts'
import { foreignPercent, partUse, usedBetween } from './noise.ts'
import { LoadSession, wait } from './session.ts'

/** Runs a load test: probe until delivery works, warm up, measure, drain, check. */

export interface LoadOptions {
  seed: number
  /** Generator threads. */
  threads: number
  /** Aborting ends it with what was measured so far. */
  signal: AbortSignal
  tamper?: TamperPlan | undefined
  /** Bot: what counts as good, in milliseconds of the wall. */
  slo: { ttftMs: number; answerMs: number }
  onPhase?: (what: string) => void
  /** Once a second and thread while it measures. */
  onTick?: (tick: Tick) => void
}

/** What a run gives, without what only its caller knows: command, machine, commit. */
export type LoadResult = Omit<LoadDocument, 'command' | 'commit' | 'machine' | 'startedAt' | 'engine' | 'versions'> & {
  versions: { broker: string; database: string }
}

/** Beyond this a thread has no time left to be on time. Percent of its event loop. */
const BUSY_MAX_PERCENT = 90
/** An open loop later than this is another one than planned. Milliseconds. */
const LATE_MAX_MS = 20

/** @throws what the lab throws, and the signal's reason when it is aborted before anything was measured */
export async function runLoad(lab: Lab, plan: LoadPlan, options: LoadOptions): Promise<{ result: LoadResult; events: HistoryEvent[] }> {
  const { seed, threads, signal, tamper, slo, onPhase = () => undefined, onTick = () => undefined } = options
  const startedMs = performance.now()
  onPhase('the machine alone, for its noise')
  const beforePercent = await foreignPercent(lab, ms => wait(ms, signal))
  let measuring = false
  onPhase('connecting')
  await using session = await LoadSession.start(lab, plan, {
    seed,
    threads,
    signal,
    tamper,
    onTick: tick => {
      if (measuring) onTick(tick)
    },
  })
  onPhase('probing: every sender sends one and sees it arrive')
  await session.probe()
  if (plan.warmUpMs > 0) onPhase(`warming up for ${plan.warmUpMs / 1_000} s`)
  await session.warmUp()
  signal.throwIfAborted()
  const before = await partUse(lab)
  onPhase(`measuring for ${plan.forMs / 1_000} s`)
  measuring = true
  const fromMs = await session.measure()
  const busiest = await session.busiestPercent()
  const use = usedBetween(before, await partUse(lab))
  onPhase('draining: waiting until nothing is left to do')
  await session.drain()
  measuring = false
  const noiseAfter = signal.aborted ? 0 : await foreignPercent(lab, ms => wait(ms, signal))
  onPhase('checking')
  const { events: all, sent } = await session.finish()
  const events = judgedEvents(all, session.share)
  const facts = session.observation.facts
  const versions = await lab.versions()
  const result = judge({ plan, events, facts, sent, use, fromMs, busiest, share: session.share, slo, threads })
  const node = resolveSettings(lab.plan.settings)
  return {
    events,
    result: {
      ...result,
      seed,
      runtime: lab.runtime,
      versions,
      tookMs: performance.now() - startedMs,
      design: node.design,
      timeScale: node.timeScale,
      taskQueueType: node.taskQueueType,
      set: { ...lab.plan.settings },
      noise: { ...result.noise, beforePercent, afterPercent: noiseAfter },
      ...(tamper === undefined ? {} : { plan: { ...result.plan, tamper } }),
    },
  }
}

interface Judging {
  plan: LoadPlan
  events: HistoryEvent[]
  facts: LoadSession['observation']['facts']
  sent: SentRecord[]
  use: ReturnType<typeof usedBetween>
  fromMs: number
  busiest: number
  share: number
  slo: LoadOptions['slo']
  threads: number
}

type Judged = Omit<LoadResult, 'seed' | 'runtime' | 'versions' | 'tookMs' | 'design' | 'timeScale' | 'taskQueueType' | 'set'>

function judge({ plan, events, facts, sent, use, fromMs, busiest, share, slo, threads }: Judging): Judged {
  const history = { ...facts, events }
  const checks = checksFor(plan, facts.sequenced)
  const judged = judgeArm(history, checks, { name: 'load', role: 'claim' })
  const records = sent.filter(({ measured }) => measured)
  const latencies = latenciesOf(records, history)
  const chat = plan.traffic.some(({ kind }) => kind === 'chat')
  const latencyMs = chat
    ? summaryOf(
        valuesOf(records, r => (r.kind === 'chat' && r.seenMs !== undefined ? r.seenMs - r.dueMs : undefined)),
        'intended send -> seen by the recipient',
      )
    : summaryOf(
        valuesOf(records, r => (r.seenMs === undefined ? undefined : r.seenMs - r.dueMs)),
        'intended send -> whole answer seen by its asker',
      )
  const storedMs = summaryOf(
    valuesOf(records, r => (r.storedMs === undefined ? undefined : r.storedMs - r.dueMs)),
    'intended send -> `stored`',
  )
  const seconds = perSecond(records, fromMs)
  const tookMs = Math.max(1, ...records.map(record => record.dueMs - fromMs)) || 1
  const input = { plan, records, latencies, latencyMs, storedMs, use, fromMs, tookMs: plan.forMs, slo }
  const closed = plan.traffic.some(({ outstanding }) => outstanding > 0)
  const lateMs = closed ? 0 : lateP99Ms({ events: events.filter(event => event.atMs >= fromMs) })
  const generatorBound = lateMs > LATE_MAX_MS || busiest > BUSY_MAX_PERCENT
  const noisy = tooNoisy(history)
  const because = generatorBound
    ? lateMs > LATE_MAX_MS
      ? `one in a hundred was sent ${lateMs.toFixed(0)} ms late or later; up to ${LATE_MAX_MS} counts as on time`
      : `its busiest thread had ${busiest.toFixed(0)} % of its time taken; up to ${BUSY_MAX_PERCENT} counts as free`
    : `its busiest thread had ${busiest.toFixed(0)} % of its time taken, one in a hundred was sent ${lateMs.toFixed(1)} ms late or later`
  const thresholds = thresholdsOf(plan, measuresOf(input), generatorBound ? because : noisy)
  const counted = lostAndDoubled(history)
  const { mean, worst } = foreignCpu(history)
  const forS = Math.min(plan.forMs, Math.max(tookMs, 1)) / 1_000
  const inTime = records.filter(({ seenMs }) => seenMs !== undefined && seenMs - fromMs <= plan.forMs)
  return {
    schemaVersion: 1,
    kind: 'load',
    workload: plan.workload,
    ...verdictOf(judged, thresholds, generatorBound ? `the generator was the limit: ${because}` : noisy),
    plan: { ...plan, traffic: plan.traffic.map(({ prompts, ...rest }) => ({ ...rest, prompts: prompts.length })) },
    facts,
    checks: judged.findings.map(({ check, verdict, detail, witnesses }) => ({
      name: check,
      verdict,
      detail,
      claim: checks.find(({ name }) => name === check)?.claim ?? '',
      witnesses,
    })),
    judgedShare: share,
    thresholds,
    offeredPerSecond: records.length / forS,
    deliveredPerSecond: inTime.length / forS,
    latencyMs,
    storedMs: storedMs.count === 0 ? null : storedMs,
    latencies,
    measures: measuresOf(input),
    ...counted,
    perSecond: seconds,
    generatorBound,
    generator: { threads, lateP99Ms: lateMs, cpuPercent: busiest, because },
    noise: { beforePercent: 0, duringPercent: mean, worstPercent: worst, afterPercent: 0 },
    parts: use,
    events: events.length,
  }
}

function verdictOf(
  judged: ReturnType<typeof judgeArm>,
  thresholds: LoadResult['thresholds'],
  voided: string | undefined,
): Pick<LoadResult, 'verdict' | 'detail'> {
  if (judged.verdict === 'fail') return { verdict: 'fail', detail: judged.detail }
  const broken = thresholds.find(({ verdict }) => verdict === 'fail')
  if (broken !== undefined) {
    const { name, measure, bound, limit, value } = broken
    return {
      verdict: 'fail',
      detail: `${name}: ${measure} is ${value.toFixed(1)}, ${bound === 'at-most' ? 'allowed' : 'expected at least'} ${limit}`,
    }
  }
  if (judged.verdict !== 'pass') return { verdict: 'unknown', detail: judged.detail }
  if (voided !== undefined) return { verdict: 'unknown', detail: voided }
  const unknown = thresholds.find(({ verdict }) => verdict === 'unknown')
  if (unknown !== undefined) return { verdict: 'unknown', detail: `${unknown.name}: nothing to judge` }
  return { verdict: 'pass', detail: `every check and every limit held (${judged.findings.length} checks, ${thresholds.length} limits)` }
}
