import type { PeerSample, PeerSeries, PeersDocument } from '#evidence/peers-document'
import { quietOf } from '#evidence/peers-quiet'
import { median } from '#evidence/statistics'
import { milliseconds } from '../load/live.ts'
import {
  cpuWords,
  goalWords,
  loadWords,
  metWords,
  partWords,
  promisesOf,
  ratioWords,
  systemWords,
  targetWords,
  valueWords,
} from './words.ts'

/** The two tables of a comparison: targets, and systems under each load. Pure. */

export const TARGET_HEADS = ['#', 'what', 'ours', 'peer', 'ratio', 'target', 'met'] as const

export function targetRows({ targets }: PeersDocument): string[][] {
  return targets.flatMap(target =>
    target.parts.map((part, i) => [
      i === 0 ? String(target.id) : '',
      `${i === 0 ? `${targetWords(target)}: ` : ''}${partWords(part)}`,
      valueWords(part.ours, part.measure),
      part.peer === undefined ? '-' : `${valueWords(part.theirs, part.measure)} ${systemWords(part.peer)}`,
      ratioWords(part),
      goalWords(part),
      metWords(part),
    ]),
  )
}

/** Of a series that has samples. */
export function middle({ samples }: Pick<PeerSeries, 'samples'>, of: (sample: PeerSample) => number): number {
  return median(quietOf(samples).map(of))
}

export const SYSTEM_HEADS = ['load', 'system', '/s', 'p50 / p99 ms', 'CPU µs per message', 'RSS MiB', 'promises'] as const

export function systemRows({ systems }: PeersDocument): string[][] {
  return systems
    .filter(({ samples }) => samples.length > 0)
    .map(series => {
      const kinds = (of: 'cpuUs' | 'rssMiB') =>
        Object.fromEntries(Object.keys(series.samples[0]?.[of] ?? {}).map(kind => [kind, middle(series, sample => sample[of][kind] ?? 0)]))
      const rss = Object.values(kinds('rssMiB')).reduce((sum, mib) => sum + mib, 0)
      return [
        loadWords(series.load),
        systemWords(series.system),
        Math.round(middle(series, ({ perSecond }) => perSecond)).toLocaleString('en-US'),
        series.load === 'idle'
          ? '-'
          : `${milliseconds(middle(series, ({ p50Ms }) => p50Ms))} / ${milliseconds(middle(series, ({ p99Ms }) => p99Ms))}`,
        cpuWords({ ...kinds('cpuUs'), client: middle(series, ({ generatorUs }) => generatorUs) }),
        rss.toFixed(0),
        promisesOf(series.semantics),
      ]
    })
}
