import { lineY, ruleY } from '@observablehq/plot'
import { duration } from '../../predict/text.ts'
import { folded, type Html, html, table } from '../page/html.ts'
import { key, plotted } from './plot.ts'

/** How many were how long: the share of values up to each. Waits span four powers of ten, hence the logarithmic axis. Pure. */

export interface Curve {
  name: string
  /** Class of its line. */
  kind: string
  /** Milliseconds. */
  values: readonly number[]
}

/** Corners of a curve: more would not be seen. */
const CORNERS = 160
const RANKS = [0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1] as const
const LEAST_MS = 0.1

/** @param caption what is measured, from where to where */
export function curveFigure(caption: string, curves: readonly Curve[]): Html {
  const drawn = curves
    .filter(({ values }) => values.length > 0)
    .map(curve => ({ ...curve, sorted: Float64Array.from(curve.values).sort() }))
  const sentence = drawn.map(
    ({ name, sorted }) => `${name}: half up to ${duration(rank(sorted, 0.5))}, 95 % up to ${duration(rank(sorted, 0.95))}`,
  )
  return html`<figure class="plotted-figure"><figcaption>${caption}</figcaption>${key(drawn.map(({ kind, name }) => ({ kind, words: name })))}
${plotted({
  label: `${caption}. ${sentence.join('; ')}`,
  x: { type: 'log', label: null, tickFormat: duration, ticks: 5 },
  y: { label: null, domain: [0, 100], tickFormat: (share: number) => `${share} %`, grid: true, ticks: 4 },
  marks: [
    ruleY([95], { className: 'guide' }),
    ...drawn.map(({ sorted, kind }) => lineY(corners(sorted), { x: 'value', y: 'share', curve: 'step-after', className: kind })),
  ],
})}
${folded('Figures', curveTable(caption, drawn))}</figure>`
}

function corners(sorted: Float64Array): { value: number; share: number }[] {
  const count = Math.min(CORNERS, sorted.length)
  return Array.from({ length: count + 1 }, (_, i) => {
    const share = i / count
    return { value: Math.max(LEAST_MS, rank(sorted, share)), share: 100 * share }
  })
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
