import { SetupError } from '#contracts/setup-error'
import { reason } from '#evidence/finding'
import type { HistoryEvent } from '#evidence/history'
import { generatorBound, type LoadSecond } from '#evidence/load-document'
import { Observation } from '#experiment'
import type { Lab } from '#lab'
import { perSecond } from '../engine/figures.ts'
import { type Judged, judgeLoad } from '../engine/judge.ts'
import { type Seen, settingsToEnv } from '../k6/settings.ts'
import type { Limit, LoadPlan } from '../workload.ts'
import { runK6 } from './run.ts'
import { recordsOf, reportOf, shifted } from './seen.ts'

/** VUs share only the clock; a busy machine starts them late. */
const CONNECT_MS = { least: 5_000, perUser: 20 }
const VUS_MAX = 4
/** Lateness up to this is a timer's. */
const LATE_ALLOWED_MS = 5
/** Its users do not come back. */
const NONE_DISCONNECTED: Limit = { name: 'none-disconnected', measure: 'disconnected', bound: 'at-most', limit: 0, timed: false }

export interface K6LoadOptions {
  /** Of `findK6`. */
  k6: string
  seed: number
  /** Ends it with what was measured so far. */
  signal: AbortSignal
  /** Bot: what counts as good. Milliseconds of the wall. */
  slo: { ttftMs: number; answerMs: number }
  onSecond(second: LoadSecond): void
  /** Bot: of each answer. Default: the GPU's own draw. */
  answerTokens?: number
}

/** One stream at a fixed rate by k6. Its VUs report what they see, and that is judged as in the
 *  built-in engine. Throws K6_FAILED with what k6 said. */
export async function k6Load(lab: Lab, plan: LoadPlan, options: K6LoadOptions): Promise<{ judged: Judged; events: HistoryEvent[] }> {
  const { k6, seed, signal, slo, onSecond, answerTokens = 0 } = options
  const { kind, users, ratePerSecond, bodyBytes } = plan.traffic[0]!
  const { forMs, warmUpMs, drainMs } = plan
  const vuCount = Math.min(VUS_MAX, kind === 'chat' ? users / 2 : users)
  const connectMs = CONNECT_MS.least + users * CONNECT_MS.perUser
  const nodes = lab.plan.imNodes.map(node => lab.url(node))
  const asked = {
    nodes,
    secret: lab.secret,
    run: `k6-${seed}-${Date.now().toString(36)}`,
    users,
    vuCount,
    ratePerSecond,
    bodyBytes,
    answerTokens,
    events: 1,
  }
  const env = settingsToEnv({ ...asked, forMs, warmUpMs, connectMs, drainMs })
  await using observation = new Observation(lab)
  await observation.start()
  const { recorder, facts } = observation
  const seen: Seen[] = []
  let [k6StartMs, secondsTold, vusDone] = [Number.NaN, 0, 0]
  const fromMs = () => k6StartMs + connectMs + warmUpMs
  const records = () => recordsOf(seen, kind, fromMs())
  const onSample = (line: string) => {
    const report = reportOf(line)
    if (report === undefined) return
    // Samples come a little late; their time is the host's.
    if (Number.isNaN(k6StartMs)) k6StartMs = recorder.nowMs() - (Date.now() - report.wallMs) - report.atMs
    for (const event of report.seen) seen.push(shifted(event, k6StartMs))
    if (report.done) vusDone += 1
    // A second later: each VU has reported of it by then.
    if (k6StartMs + report.atMs < fromMs() + 1_000 * (secondsTold + 2)) return
    const second = perSecond(records(), fromMs())[secondsTold]
    if (second !== undefined) onSecond(second)
    secondsTold += 1
  }
  const crossed = await runK6({ k6, script: `loadtest/k6/${kind}.ts`, env, signal, onSample })
  if (vusDone < vuCount && !signal.aborted)
    throw new SetupError('K6_FAILED', `expected ${vuCount} VUs to finish their sends, ${vusDone} did: k6 ended the rest early`)
  for (const second of perSecond(records(), fromMs()).slice(secondsTold)) onSecond(second)
  if (signal.aborted) recorder.record({ kind: 'rest', ended: 'cut-short', lastSeen: 'interrupted' })
  else {
    const ends = new Set(seen.flatMap(event => (event.kind === 'stored' || event.kind === 'refused' ? event.clientMessageId : [])))
    for (const { user, device, clientMessageId } of seen.filter(event => event.kind === 'send'))
      if (!ends.has(clientMessageId)) seen.push({ kind: 'unknown', user, device, clientMessageId, atMs: recorder.nowMs() })
    await observation.rest(async () => [], { withinMs: drainMs, signal })
  }
  await observation.readStores()
  observation.recordWork()
  recorder.record({ kind: 'measured' }, fromMs())
  // Others' CPU was sampled too, and k6's own counts as others': looks before and after judge it.
  const events = [...observation.events(), ...seen].filter(event => event.kind !== 'noise' && event.kind !== 'piece')
  events.sort((a, b) => a.atMs - b.atMs)
  // The second of an interrupt is not whole.
  const wholeMs = signal.aborted ? 1_000 * secondsTold : forMs
  const sent = records().filter(({ dueMs }) => dueMs < fromMs() + wholeMs)
  const judged = judgeLoad({
    plan: { ...plan, limits: [...plan.limits, NONE_DISCONNECTED] },
    ...{ events, facts, slo, sent, fromMs: fromMs(), threads: vuCount, ended: await lab.exited() },
    ...{ use: [], busiest: 0, share: 1, idle: undefined },
    idleMeasures: {
      disconnected: events.filter(({ kind }) => kind === 'offline').length,
      redelivered: events.reduce((sum, event) => sum + (event.kind === 'counted' ? event.rawDuplicates : 0), 0),
    },
  })
  // What was on its way at an interrupt is not lost.
  return { judged: { ...judged, ...(signal.aborted ? { lost: 0 } : {}), ...outcomeOf(judged, crossed) }, events }
}

/** What k6 itself adds to a verdict. @param crossed it says that a threshold was crossed */
export function outcomeOf(judged: Pick<Judged, 'verdict' | 'why' | 'generator' | 'latencyMs'>, crossed: boolean): Partial<Judged> {
  const { verdict, generator, latencyMs } = judged
  if (verdict !== 'pass') return {}
  if (crossed) return { verdict: 'fail', why: reason('k6-crossed') }
  // A latency counts from the intended send: where half of its tail is k6's own, it tells of k6.
  if (generator.lateP99Ms <= Math.max(LATE_ALLOWED_MS, latencyMs.p99 / 2)) return {}
  const late = { ...generator, because: 'late-beside-latency' }
  return { verdict: 'unknown', generatorBound: true, generator: late, why: generatorBound({ generator: late, latencyMs }) }
}
