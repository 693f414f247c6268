import { lineY, type PlotOptions, ruleX, text } from '@observablehq/plot'
import type { HistoryEvent } from '#evidence/history'
import type { LoadDocument, LoadSecond } from '#evidence/load-document'
import { type Curve, curveFigure } from '../chart/curve.ts'
import { key, plotted, tick } from '../chart/plot.ts'
import { loadWays } from '../model/ways.ts'
import { folded, type Html, html, table } from '../page/html.ts'
import { duration } from '../predict/text.ts'
import { figure } from '../words.ts'
import { spanText } from './words.ts'

/** A load test's charts: offered, delivered and latency over time; latency shares. Pure. */
export function pictures(load: LoadDocument, histories: ReadonlyMap<string, readonly HistoryEvent[]>): Html {
  const { seen, stored } = loadWays(load, [...histories.values()].flat())
  const curves: Curve[] = [
    { name: spanText(load.latencyMs), kind: 'line-a', values: seen },
    { name: spanText(load.storedMs ?? { about: 'due-to-stored' }), kind: 'line-b', values: stored },
  ]
  return html`<div class="figures">${rates(load)}${latencies(load)}${
    seen.length + stored.length > 0 && curveFigure('How many took how long, from the intended send', curves)
  }</div>`
}

const RATES = [
  { of: 'offered', kind: 'line-e', words: 'offered' },
  { of: 'stored', kind: 'line-b', words: 'stored' },
  { of: 'delivered', kind: 'line-a', words: 'delivered' },
  { of: 'failed', kind: 'line-d', words: 'refused or without outcome' },
] as const

function rates({ perSecond }: LoadDocument): Html {
  const series = RATES.filter(({ of }) => of === 'offered' || of === 'delivered' || perSecond.some(each => each[of] > 0))
  const y = { zero: true, tickFormat: figure }
  return overTime({ caption: 'Messages a second', series, points: perSecond, perSecond, say: figure, y, curve: 'step-after' })
}

const PERCENTILES = [
  { of: 'max', kind: 'line-e', words: 'longest' },
  { of: 'p99', kind: 'line-b', words: 'p99' },
  { of: 'p50', kind: 'line-a', words: 'p50' },
] as const

function latencies({ perSecond, latencyMs }: LoadDocument): Html | undefined {
  const points = perSecond.flatMap(({ second, latencyMs: of }) => (of === null ? [] : [{ second, ...of }]))
  if (points.length === 0) return undefined
  const caption = `Latency in each second, ${spanText(latencyMs)}`
  const y = { type: 'log', tickFormat: (ms: number) => tick(duration(ms)) } as const
  return overTime({ caption, series: PERCENTILES, points, perSecond, say: duration, y, curve: 'linear' })
}

interface OverTime<Of extends string> {
  caption: string
  series: readonly { of: Of; kind: string; words: string }[]
  points: readonly ({ second: number } & Record<Of, number>)[]
  perSecond: readonly LoadSecond[]
  say: (value: number) => string
  y: PlotOptions['y']
  curve: 'linear' | 'step-after'
}

function overTime<Of extends string>({ caption, series, points, perSecond, say, y, curve }: OverTime<Of>): Html {
  const ranges = series.map(({ of, words }) => {
    const values = points.map(each => each[of])
    return `${words}: ${say(Math.min(...values))} to ${say(Math.max(...values))}`
  })
  // A step lasts until the next one: the last one too.
  const drawn = curve === 'linear' ? points : [...points, ...points.slice(-1).map(last => ({ ...last, second: last.second + 1 }))]
  return html`<figure class="plotted-figure"><figcaption>${caption}</figcaption>${key(series)}
${plotted({
  label: `${caption}. ${ranges.join('; ')}`,
  x: { label: null, tickFormat: (second: number) => `${figure(second)} s` },
  y: { label: null, grid: true, ticks: 4, ...y },
  marginLeft: 56,
  marks: [...endOfLoad(perSecond), ...series.map(({ of, kind }) => lineY(drawn, { x: 'second', y: of, curve, className: kind }))],
})}
${folded(
  'Figures',
  table(
    caption,
    [{ head: 'second', figures: true }, ...series.map(({ words }) => ({ head: words, figures: true }))],
    points.map(each => [each.second, ...series.map(({ of }) => say(each[of]))]),
  ),
)}</figure>`
}

/** A second with less of the median offered is a piece of one. */
const WHOLE_SECOND = 0.1

/** Between the last second of the load and the drain. */
function endOfLoad(perSecond: readonly LoadSecond[]) {
  const offered = perSecond.map(second => second.offered).sort((a, b) => a - b)
  const least = Math.max(1, WHOLE_SECOND * (offered[offered.length >> 1] ?? 0))
  const last = perSecond.findLast(second => second.offered >= least)?.second
  const at = last !== undefined && last < (perSecond.at(-1)?.second ?? 0) ? [last + 1] : []
  const words = { frameAnchor: 'top', textAnchor: 'end', dx: -4, dy: -12, text: () => 'the load ends', className: 'plain' } as const
  return [ruleX(at, { className: 'guide' }), text(at, { x: second => second, ...words })]
}
