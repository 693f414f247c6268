import { tick } from '../chart/plot.ts'
import { ticksMs } from '../model/scale.ts'
import { duration } from '../predict/text.ts'
import { type Html, html, n } from './html.ts'

/** The picture of an arm is not Plot's, which would put its 1,500 bars twice into the page.
 *  Across it is in percent of the width, down in pixels. Pure. */

/** Width of the inner frames, in their own units. */
export const FRAME = 5_000

export interface Axis {
  /** What stands at the left edge, and how much there is to the right edge. */
  fromMs: number
  spanMs: number
}

export function percentAt(axis: Axis, atMs: number): number {
  return Math.max(0, Math.min(100, (100 * (atMs - axis.fromMs)) / axis.spanMs))
}

export function text(xPercent: number, y: number, words: string, kind = '', anchor?: 'start' | 'middle' | 'end'): Html {
  const at = anchor ?? (xPercent < 15 ? 'start' : xPercent > 85 ? 'end' : 'middle')
  return html`<text x="${n(xPercent)}%" y="${y}" text-anchor="${at}" class="${kind}">${words}</text>`
}

export function rect(axis: Axis, span: { fromMs: number; toMs: number }, y: number, height: number, kind: string, title?: string): Html {
  const x = percentAt(axis, span.fromMs)
  const width = percentAt(axis, span.toMs) - x
  const told = title === undefined ? html`/>` : html`><title>${title}</title></rect>`
  return html`<rect x="${n(x)}%" y="${n(y)}" width="${n(width)}%" height="${n(height)}" class="${kind}"${told}`
}

export function verticalLine(xPercent: number, fromY: number, toY: number, kind: string): Html {
  return html`<line x1="${n(xPercent)}%" x2="${n(xPercent)}%" y1="${fromY}" y2="${toY}" class="${kind}"/>`
}

/** An inner frame of FRAME units across and `height` pixels down. */
export function frame(y: number, height: number, inside: Html | Html[]): Html {
  return html`<svg x="0" y="${y}" width="100%" height="${height}" viewBox="0 0 ${FRAME} ${height}" preserveAspectRatio="none" aria-hidden="true">${inside}</svg>`
}

/** Time below a chart: ticks with words, lines through it. */
export function timeAxis(axis: Axis, topY: number, bottomY: number): Html {
  const ticks = ticksMs(axis.spanMs, 5)
  return html`<g class="axis">${ticks.map(at => {
    const x = percentAt(axis, axis.fromMs + at)
    // At the edges a word stands inside.
    return html`${verticalLine(x, topY, bottomY, 'grid')}${text(x, bottomY + 15, at === 0 ? '0' : tick(duration(at)), '', x < 4 ? 'start' : x > 94 ? 'end' : 'middle')}`
  })}</g>`
}

/** A chart that one sentence describes to those who do not see it. */
export function chart(height: number, label: string, inside: readonly (Html | undefined)[]): Html {
  return html`<div class="fluid"><svg class="chart" role="img" aria-label="${label}" width="100%" height="${height}">${inside}</svg></div>`
}

/** Counts as corners of an area, from the left edge to `right`, in frame units. */
export function stepPath(columns: readonly number[], peak: number, height: number, right: number): string {
  const y = (count: number) => n(height - 1 - ((height - 2) * count) / Math.max(1, peak))
  let path = `V${y(columns[0] ?? 0)}`
  for (const [i, count] of columns.entries()) {
    if (i > 0 && count !== columns[i - 1]) path += `H${Math.round((right * i) / columns.length)}V${y(count)}`
  }
  return `${path}H${Math.round(right)}`
}

/** Patterns that charts share; they stand once in the page. */
export const PATTERNS = html`<svg class="patterns" aria-hidden="true" width="0" height="0"><defs>
<pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="2" height="6" class="hatch-line"/></pattern>
<pattern id="cross" width="5" height="5" patternUnits="userSpaceOnUse"><path d="M0 0L5 5M5 0L0 5" class="cross-line"/></pattern>
<pattern id="dots" width="5" height="5" patternUnits="userSpaceOnUse"><circle cx="1.5" cy="1.5" r="1" class="dot"/></pattern>
<pattern id="buffer" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="7" height="7" class="buffer-ground"/><rect width="2" height="7" class="buffer-line"/></pattern>
</defs></svg>`
