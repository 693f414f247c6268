import type { PartJudged, PeerSample, PeerSeries, PeersDocument, TargetJudged } from '#evidence/peers-document'
import { isQuiet, quietOf } from '#evidence/peers-quiet'
import { median, medianInterval } from '#evidence/statistics'
import { type Measure, type Target, type TargetPart, targetsNamed } from './targets.ts'

/** From samples to targets met or missed. Pure. */

/** Fewer repetitions decide nothing. */
export const REPETITIONS_LEAST = 5

const MIB_PER_GIB = 1_024
const sum = (values: Record<string, number>) => Object.values(values).reduce((total, value) => total + value, 0)

const VALUE_OF: Readonly<Record<Measure, (sample: PeerSample) => number>> = {
  throughput: ({ perSecond }) => perSecond,
  p50: ({ p50Ms }) => p50Ms,
  cpu: ({ cpuUs }) => sum(cpuUs),
  rss: ({ rssMiB }) => sum(rssMiB),
  generator: ({ generatorUs }) => generatorUs,
  connects: ({ perSecond }) => perSecond,
  'connections-per-gib': ({ sent, rssMiB }) => (sent * MIB_PER_GIB) / sum(rssMiB),
}

const HIGHER_IS_BETTER: readonly Measure[] = ['throughput', 'connects', 'connections-per-gib']

/** Medians of a series. */
export function middleOf({ samples }: PeerSeries, measure: Measure): number {
  return median(quietOf(samples).map(VALUE_OF[measure]))
}

/** By throughput for CPU too: R is one system at a load. */
function bestOf(series: readonly PeerSeries[], measure: Measure): PeerSeries | undefined {
  const by = measure === 'cpu' ? 'throughput' : measure
  const better = HIGHER_IS_BETTER.includes(by) ? 1 : -1
  return series
    .filter(({ samples }) => samples.length > 0)
    .toSorted((a, b) => better * (middleOf(b, by) - middleOf(a, by)))
    .at(0)
}

export function judgePart(part: TargetPart, all: readonly PeerSeries[]): PartJudged {
  const { id, load, measure, system, peers, bound, target, gate } = part
  const at = (name: string) => all.find(series => series.load === load && series.system === name)
  const own = at(system)
  const peer = bestOf(
    peers.flatMap(name => at(name) ?? []),
    measure,
  )
  const about = { id, load, measure, system, bound, target, gate, ...(peer === undefined ? {} : { peer: peer.system }) }
  if (own === undefined || own.samples.length === 0 || (peers.length > 0 && peer === undefined))
    return { ...about, ours: null, theirs: null, ratio: null, interval: null, repetitions: 0, met: null, why: 'not-measured' }
  const ratiosOf = (samples: readonly PeerSample[], others: readonly PeerSample[]) =>
    samples.flatMap(sample => {
      if (peers.length === 0) return [VALUE_OF[measure](sample)]
      const theirs = others.find(({ repetition }) => repetition === sample.repetition)
      return theirs === undefined ? [] : [VALUE_OF[measure](sample) / VALUE_OF[measure](theirs)]
    })
  const quiet = ratiosOf(own.samples.filter(isQuiet), peer?.samples.filter(isQuiet) ?? [])
  const ratios = quiet.length > 0 ? quiet : ratiosOf(own.samples, peer?.samples ?? [])
  if (ratios.length === 0)
    return { ...about, ours: null, theirs: null, ratio: null, interval: null, repetitions: 0, met: null, why: 'too-noisy' }
  const ratio = median(ratios)
  const measured = {
    ...about,
    ours: middleOf(own, measure),
    theirs: peer === undefined ? null : middleOf(peer, measure),
    ratio,
    interval: medianInterval(ratios),
    repetitions: quiet.length,
  }
  // Fast and wrong is not fast.
  if (own.samples.some(({ lost, duplicates }) => lost + duplicates > 0)) return { ...measured, met: false, why: 'lost-or-doubled' }
  if (target === null) return { ...measured, met: null }
  const holds = bound === 'at-least' ? ratio >= target : ratio <= target
  if (gate && quiet.length < REPETITIONS_LEAST)
    return { ...measured, met: null, why: quiet.length < ratios.length ? 'too-noisy' : 'too-few-repetitions' }
  return { ...measured, met: holds }
}

/** A target is met when each of its gates is; its figures are those of its first part. */
export function judgeTarget({ id, what, parts }: Target, all: readonly PeerSeries[]): TargetJudged {
  const judged = parts.map(part => judgePart(part, all))
  const [first] = judged
  if (first === undefined) throw new Error(`target ${id} has no part`)
  const gates = judged.filter(({ gate }) => gate)
  const deciding = gates.length > 0 ? gates : judged.filter(({ met }) => met !== null)
  const met = deciding.some(part => part.met === false)
    ? false
    : deciding.every(part => part.met === true) && deciding.length > 0
      ? true
      : null
  const { id: _, load: __, measure: ___, system: ____, peer: _____, ...figures } = first
  return { ...figures, gate: gates.length > 0, id, what, met, parts: judged }
}

/** Rows without gate do not decide. */
export function verdictOf(targets: readonly TargetJudged[]): 'pass' | 'fail' | 'unknown' {
  const gates = targets.filter(({ gate }) => gate)
  if (gates.some(({ met }) => met === false)) return 'fail'
  return gates.some(({ met }) => met === null) ? 'unknown' : 'pass'
}

/** A stored comparison by today's targets, of the parts that it measured. Pure. */
export function judgePeersAgain(document: PeersDocument): PeersDocument {
  const parts = document.targets.flatMap(target => target.parts.map(({ id }) => id))
  const targets = (targetsNamed(parts) ?? []).map(target => judgeTarget(target, document.systems))
  return { ...document, targets, verdict: verdictOf(targets) }
}
