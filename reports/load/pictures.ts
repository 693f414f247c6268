import { lineY, ruleX } from '@observablehq/plot'
import type { HistoryEvent } from '#evidence/history'
import type { LoadDocument, LoadSecond } from '#evidence/load-document'
import { type Curve, curveFigure } from '../chart/curve.ts'
import { key, plotted } from '../chart/plot.ts'
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
  }</div>
${load.perSecond.at(-1)?.offered === 0 && html`<p class="small">The dotted line is the end of what is measured; what came after it was on its way.</p>`}`
}

const RATES = [
  { of: 'offered', kind: 'line-e', words: 'offered' },
  { of: 'stored', kind: 'line-b', words: 'stored' },
  { of: 'delivered', kind: 'line-a', words: 'delivered' },
  { of: 'failed', kind: 'line-d', words: 'refused or without outcome' },
] as const

function rates({ perSecond }: LoadDocument): Html {
  const shown = RATES.filter(({ of }) => of === 'offered' || of === 'delivered' || perSecond.some(each => each[of] > 0))
  const sentence = shown.map(
    ({ of, words }) =>
      `${words}: ${Math.min(...perSecond.map(each => each[of]))} to ${Math.max(...perSecond.map(each => each[of]))} a second`,
  )
  return html`<figure class="plotted-figure"><figcaption>Messages a second</figcaption>${key(shown)}
${plotted({
  label: `Messages a second. ${sentence.join('; ')}`,
  x: { label: null, tickFormat: secondText },
  y: { label: null, grid: true, zero: true, ticks: 4, tickFormat: figure },
  marks: [
    endOfMeasuring(perSecond),
    ...shown.map(({ of, kind }) => lineY(perSecond, { x: 'second', y: of, curve: 'step-after', className: kind })),
  ],
})}
${folded(
  'Figures',
  table(
    'Messages a second',
    [{ head: 'second', figures: true }, ...shown.map(({ words }) => ({ head: words, figures: true }))],
    perSecond.map(each => [each.second, ...shown.map(({ of }) => each[of])]),
  ),
)}</figure>`
}

const PERCENTILES = [
  { of: 'max', kind: 'line-e', words: 'longest' },
  { of: 'p99', kind: 'line-b', words: 'p99' },
  { of: 'p50', kind: 'line-a', words: 'p50' },
] as const

function latencies({ perSecond, latencyMs }: LoadDocument): Html | undefined {
  const points = perSecond.flatMap(({ second, latencyMs: of }) => (of === null ? [] : [{ second, ...of }]))
  if (points.length === 0) return undefined
  const sentence = PERCENTILES.map(
    ({ of, words }) =>
      `${words}: ${duration(Math.min(...points.map(each => each[of])))} to ${duration(Math.max(...points.map(each => each[of])))}`,
  )
  return html`<figure class="plotted-figure"><figcaption>Latency over time</figcaption>${key(PERCENTILES)}
${plotted({
  label: `Latency in each second, ${spanText(latencyMs)}. ${sentence.join('; ')}`,
  x: { label: null, tickFormat: secondText },
  y: { label: null, type: 'log', grid: true, ticks: 4, tickFormat: duration },
  marginLeft: 52,
  marks: [endOfMeasuring(perSecond), ...PERCENTILES.map(({ of, kind }) => lineY(points, { x: 'second', y: of, className: kind }))],
})}
${folded(
  'Figures',
  table(
    'Latency in each second',
    [{ head: 'second', figures: true }, ...PERCENTILES.map(({ words }) => ({ head: words, figures: true }))],
    points.map(each => [each.second, ...PERCENTILES.map(({ of }) => duration(each[of]))]),
  ),
)}</figure>`
}

const secondText = (second: number) => `${figure(second)} s`

/** Between the last second in which something was offered and the drain. */
function endOfMeasuring(perSecond: readonly LoadSecond[]) {
  const last = perSecond.findLast(({ offered }) => offered > 0)?.second
  const isDrained = last !== undefined && last < (perSecond.at(-1)?.second ?? 0)
  return ruleX(isDrained ? [last + 1] : [], { className: 'guide' })
}
