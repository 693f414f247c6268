import { lineY, ruleY } from '@observablehq/plot'
import { folded, type Html, html, table } from '../page/html.ts'
import { duration } from '../predict/text.ts'
import { key, plotted, tick } from './plot.ts'

/** The share of values up to each. Waits span four powers of ten: a logarithmic axis. Pure. */

export interface Curve {
  name: string
  /** Class of its line. */
  kind: string
  /** Milliseconds. */
  values: readonly number[]
}

/** Corners of a curve: more would not be seen. */
const CORNERS = 120
/** So few stand each for itself. */
const STEPS_UP_TO = 60
const RANKS = [0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1] as const
/** The axis has a lower end: what is shorter stands at its left edge. Milliseconds. */
const EDGE_MS = 0.1
const NOTHING_MS = 0.3

/** @param caption what is measured, from where to where */
export function curveFigure(caption: string, curves: readonly Curve[]): Html {
  const drawn = curves
    .filter(({ values }) => values.length > 0)
    .map(curve => ({ ...curve, sorted: Float64Array.from(curve.values).sort() }))
  const sentence = drawn.map(
    ({ name, sorted }) => `${name}: half up to ${duration(rank(sorted, 0.5))}, 95 % up to ${duration(rank(sorted, 0.95))}`,
  )
  const edgeMs = edgeOf(drawn)
  return html`<figure class="plotted-figure"><figcaption>${caption}</figcaption>${key(drawn.map(({ kind, name }) => ({ kind, words: name })))}
${plotted({
  label: `${caption}. ${sentence.join('; ')}`,
  x: { type: 'log', label: null, tickFormat: (ms: number) => tick(duration(ms)), ticks: 5 },
  y: { label: null, domain: [0, 100], tickFormat: (share: number) => `${share} %`, grid: true, ticks: 4 },
  marks: [
    ruleY([95], { className: 'guide' }),
    ...drawn.map(({ sorted, kind }) =>
      lineY(corners(sorted, edgeMs), {
        x: 'value',
        y: 'share',
        curve: sorted.length <= STEPS_UP_TO ? 'step-after' : 'linear',
        className: kind,
      }),
    ),
  ],
})}
${folded('Figures', curveTable(caption, drawn))}</figure>`
}

/** The axis starts at the shortest above 0: half of an ideal schedule waits for nothing. */
function edgeOf(curves: readonly { sorted: Float64Array }[]): number {
  const shortest = curves.map(({ sorted }) => rank(sorted, 0.01)).filter(ms => ms >= NOTHING_MS)
  return shortest.length === 0 ? EDGE_MS : Math.min(...shortest)
}

function corners(sorted: Float64Array, edgeMs: number): { value: number; share: number }[] {
  const count = Math.min(CORNERS, sorted.length)
  const points = Array.from({ length: count + 1 }, (_, i) => ({
    value: Math.max(edgeMs, rank(sorted, i / count)),
    share: (100 * i) / count,
  }))
  // Of those at the edge the first and the last: between them the line goes straight up.
  return points.filter(({ value }, i) => i === 0 || value > edgeMs || (points[i + 1]?.value ?? Number.POSITIVE_INFINITY) > edgeMs)
}

function rank(sorted: Float64Array, share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
}

function curveTable(caption: string, curves: readonly { name: string; sorted: Float64Array }[]): Html {
  return table(
    caption,
    [{ head: 'share' }, ...curves.map(({ name }) => ({ head: name, figures: true }))],
    [
      ...RANKS.map(share => [share === 1 ? 'longest' : `${100 * share} %`, ...curves.map(({ sorted }) => duration(rank(sorted, share)))]),
      ['count', ...curves.map(({ sorted }) => sorted.length)],
    ],
  )
}
