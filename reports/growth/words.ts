import type { GrowthAxis, GrowthDocument, GrowthSample, GrowthSeries } from '#evidence/growth-document'
import { isQuiet, quietOf } from '#evidence/peers-quiet'
import { median } from '#evidence/statistics'
import { costUs } from '../../loadtest/growth/judge.ts'
import type { Caveat } from '../limits-of-run.ts'
import { milliseconds } from '../load/live.ts'
import { cpuWords } from '../peers/words.ts'
import { counted } from '../words.ts'

/** The words of what grows; its data has codes alone. Pure. */

const SYSTEMS: Readonly<Record<string, string>> = {
  ours: 'ours, stored',
  'hop-fanout': 'fan-out to every node',
  'hop-routed': 'routed to the one node',
  'queue-classic': 'classic queue',
  'queue-quorum': 'quorum queue',
}
export const systemWords = (system: string): string => SYSTEMS[system] ?? system

export const AXIS_WORDS: Readonly<Record<GrowthAxis, string>> = {
  nodes: 'IM nodes',
  users: 'users online',
  bytes: 'bytes of a message',
  backlog: 'tasks that wait',
}

/** What the cost is of. */
export const unitOf = (axis: GrowthAxis): string => (axis === 'backlog' ? 'task' : 'message')
export const sizeWords = (size: number): string => size.toLocaleString('en-US')

/** Of the quiet ones; undefined where there is no sample. */
const middle = (samples: readonly GrowthSample[], of: (sample: GrowthSample) => number): number | undefined =>
  samples.length === 0 ? undefined : median(quietOf(samples).map(of))

export const middleCostUs = (samples: readonly GrowthSample[]): number | undefined => middle(samples, costUs)

/** `1.31 x (1.22-1.40)`. */
export function growthWords({ growth }: Pick<GrowthSeries, 'growth'>): string {
  if (growth === null) return 'too noisy'
  return `${growth.ratio.toFixed(2)} x (${growth.interval.map(edge => edge.toFixed(2)).join('-')})`
}

export function verdictWords({ series, verdict }: Pick<GrowthDocument, 'series' | 'verdict'>): string {
  if (verdict === 'fail') return 'messages were lost or doubled'
  if (verdict === 'unknown') return 'too noisy to tell for a size'
  return `CPU from the smallest to the largest size: ${series.map(one => `${systemWords(one.system)}, ${AXIS_WORDS[one.axis]} ${one.growth?.ratio.toFixed(2)} x`).join('; ')}`
}

export const HEADS = ['grows', 'system', 'size', '/s', 'p50 ms', 'CPU µs each', 'by part', 'last / first'] as const

export function growthRows({ series }: Pick<GrowthDocument, 'series'>): string[][] {
  return series.flatMap(one =>
    one.points.map(({ size, samples }, i) => {
      const head = [i === 0 ? AXIS_WORDS[one.axis] : '', i === 0 ? systemWords(one.system) : '', sizeWords(size)]
      const growth = i === one.points.length - 1 ? growthWords(one) : ''
      if (samples.length === 0) return [...head, '-', '-', '-', '-', growth]
      const of = (value: (sample: GrowthSample) => number) => middle(samples, value) ?? Number.NaN
      const p50Ms = one.axis === 'backlog' ? Number.NaN : of(sample => sample.p50Ms ?? Number.NaN)
      const kinds = Object.keys(samples[0]?.cpuUs ?? {})
      return [
        ...head,
        sizeWords(Math.round(of(({ perSecond }) => perSecond))),
        Number.isNaN(p50Ms) ? '-' : milliseconds(p50Ms),
        of(costUs).toFixed(1),
        cpuWords(Object.fromEntries(kinds.map(kind => [kind, of(({ cpuUs }) => cpuUs[kind] ?? 0)]))),
        growth,
      ]
    }),
  )
}

export function growthCaveats({ plan, series, set }: GrowthDocument): Caveat[] {
  const samples = series.flatMap(({ points }) => points.flatMap(point => point.samples))
  const noisy = samples.filter(sample => !isQuiet(sample)).length
  const asked = Object.entries(set).map(([name, value]) => `${name}=${String(value)}`)
  return [
    { what: 'One machine.', why: 'Client, nodes, broker and database share its cores. Ratios count, not absolute figures.' },
    {
      what: 'How it was measured.',
      why: `Chat: ${plan.outstanding} messages on their way, each to one user on another node; 200 users, 200 bytes and 2 nodes where they do not grow. Pieces of ${plan.forMs / 1_000} s, the sizes in turn, ${counted(plan.repetitions, 'time')}. CPU of the server's parts, without the client.`,
    },
    {
      what: 'Fan-out and routing.',
      why: 'Small nodes on RabbitMQ, transient and batched, which store and promise nothing: what a further node costs, and not a second chat.',
    },
    {
      what: 'A backlog.',
      why: `${plan.tasksPerSecond} tasks a second are published and as many taken from the head, so that the backlog stays. Publisher and workers count.`,
    },
    { what: 'Others.', why: `Pieces in which other processes took too much do not count: ${noisy} of ${samples.length}.` },
    { what: 'Settings.', why: `${asked.join(', ')}.` },
  ]
}
