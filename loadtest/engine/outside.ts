import type { GeneratorCode, LoadDocument } from '#evidence/load-document'
import { FOREIGN_CPU_MAX_PERCENT, noise } from '#evidence/noise'
import { ForeignCpu, type Lab } from '#lab'
import type { OnPhase } from '../workload.ts'
import type { LoadResult } from './judge.ts'
import { circumstancesOf, foreignPercent, partUse, usedBetween } from './noise.ts'

/** A load by another engine; lab, noise and parts are observed from here. */

/** What such an engine gives. */
export type Driven = Pick<
  LoadDocument,
  'verdict' | 'why' | 'thresholds' | 'offeredPerSecond' | 'deliveredPerSecond' | 'latencyMs' | 'latencies' | 'measures' | 'perSecond'
> &
  Partial<
    Pick<
      LoadDocument,
      'storedMs' | 'lost' | 'duplicates' | 'generatorBound' | 'generator' | 'facts' | 'checks' | 'judgedShare' | 'events' | 'model'
    >
  >

export interface OutsideOptions {
  workload: string
  /** As data, for the document. */
  plan: Record<string, unknown>
  seed: number
  signal: AbortSignal
  onPhase?: OnPhase
  /** Whether the engine's process counts as the lab's CPU, not as another's. */
  ownProcess: boolean
}

export async function runOutside(lab: Lab, options: OutsideOptions, drive: () => Promise<Driven>): Promise<LoadResult> {
  const { workload, plan, seed, signal, onPhase = () => undefined, ownProcess } = options
  const startedMs = performance.now()
  onPhase('alone')
  const beforePercent = await foreignPercent(lab, signal)
  const before = await partUse(lab)
  const foreign = await ForeignCpu.beside(lab)
  onPhase('measuring')
  const driven = await drive()
  const seenPercent = await foreign.percent()
  const use = usedBetween(before, await partUse(lab))
  const afterPercent = signal.aborted ? 0 : await foreignPercent(lab, signal)
  // During the load another process cannot be separated: take before and after.
  const duringPercent = ownProcess ? seenPercent : Math.max(beforePercent, afterPercent)
  const noisy = duringPercent > FOREIGN_CPU_MAX_PERCENT ? noise(duringPercent, duringPercent) : undefined
  const { verdict, why, ...figures } = driven
  return {
    schemaVersion: 2,
    kind: 'load',
    workload,
    storedMs: null,
    lost: 0,
    duplicates: 0,
    generatorBound: false,
    generator: { threads: 1, lateP99Ms: 0, cpuPercent: 0, because: 'only-late-known' satisfies GeneratorCode },
    facts: null,
    checks: [],
    judgedShare: 1,
    events: 0,
    ...figures,
    ...(verdict === 'pass' && noisy !== undefined ? { verdict: 'unknown' as const, why: noisy } : { verdict, why }),
    seed,
    ...circumstancesOf(lab, startedMs),
    versions: await lab.versions(),
    plan,
    noise: { beforePercent, duringPercent, worstPercent: duringPercent, afterPercent },
    parts: use,
  }
}
