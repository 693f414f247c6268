import { barX, text } from '@observablehq/plot'
import type { LoadDocument } from '#evidence/load-document'
import { GAP_STEPS } from '#evidence/measures'
import { plotted } from '../chart/plot.ts'
import { folded, type Html, html, table } from '../page/html.ts'
import { duration } from '../predict/text.ts'
import { figure } from '../words.ts'

/** Where the gap between two inferences goes, as a waterfall of medians. Pure. */

const WORDS: Record<string, string> = {
  gapAnswered: 'answer reaches the worker',
  gapSaved: 'saved in the database',
  gapConfirmed: 'published and confirmed',
  gapDelivered: 'ack, next task delivered',
  gapCounted: 'attempt counted',
  gap: 'request reaches the GPU',
}
const ROW = 30
const AXIS = 26

export function gapPicture({ latencies }: LoadDocument): Html | undefined {
  const known = GAP_STEPS.flatMap(({ name }) => {
    const summary = latencies[name]
    return summary === undefined ? [] : [{ what: WORDS[name] ?? name, p50: summary.p50, p95: summary.p95, count: summary.count }]
  })
  if (known.length < GAP_STEPS.length) return undefined
  const steps = known.map((step, i) => ({ ...step, from: known[i - 1]?.p50 ?? 0 }))
  const tookMs = ({ from, p50 }: { from: number; p50: number }) => p50 - from
  const { p50, p95, count } = known.at(-1)!
  const caption = `From the end of an inference to the next one of its worker: ${duration(p50)} in the median of ${count} (p95 ${duration(p95)})`
  return html`<figure class="plotted-figure"><figcaption>${caption}</figcaption>
${plotted({
  label: `${caption}. ${steps.map(step => `${step.what} ${duration(tookMs(step))}`).join('; ')}`,
  height: steps.length * ROW + AXIS,
  ...{ marginLeft: 168, marginRight: 52, marginTop: 4, marginBottom: AXIS },
  x: { label: 'ms', labelArrow: 'none', tickFormat: figure, ticks: 4, grid: true },
  y: { label: null, domain: steps.map(({ what }) => what), tickSize: 0, padding: 0.3 },
  marks: [
    barX(steps, { x1: 'from', x2: 'p50', y: 'what', className: 'fall' }),
    text(steps, { x: 'p50', y: 'what', text: step => duration(tookMs(step)), textAnchor: 'start', dx: 5, className: 'value' }),
  ],
})}
${folded(
  'Figures',
  table(
    'Milliseconds after the end of an inference, somebody waiting',
    [
      { head: 'step' },
      { head: 'took, median', figures: true },
      { head: 'done at, median', figures: true },
      { head: 'done at, p95', figures: true },
    ],
    steps.map(step => [step.what, duration(tookMs(step)), duration(step.p50), duration(step.p95)]),
  ),
)}</figure>`
}
