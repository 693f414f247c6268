import { type Markish, type PlotOptions, plot } from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import { escaped, Html, html } from '../page/html.ts'

/** Charts by Observable Plot, without a browser, for phone and for screen: letters do not shrink.
 *  Colours are classes, since the policy allows no inline style. Pure. */

export interface ChartOptions extends Omit<PlotOptions, 'marks' | 'width' | 'height' | 'style' | 'document'> {
  /** What it shows, in a sentence, for those who do not see it. */
  label: string
  marks: Markish[]
  /** Pixels. Default 220. */
  height?: number
}

/** A tenth of a pixel is enough. */
const COORDINATES = / (?:d|x[12]?|y[12]?|cx|cy|transform)="[^"]*"/g

const WIDTHS = { slim: 340, broad: 560 } as const

export function plotted(options: ChartOptions): Html {
  return html`<div class="plotted">${drawn(options, 'slim')}${drawn(options, 'broad')}</div>`
}

function drawn({ label, height = 220, marks, ...options }: ChartOptions, kind: keyof typeof WIDTHS): Html {
  const { document } = parseHTML('<html><body></body></html>')
  // Named ticks stay as they are.
  const ticks = kind === 'slim' && !Array.isArray(options.x?.ticks) ? { x: { ...options.x, ticks: options.x?.type === 'log' ? 2 : 4 } } : {}
  const svg = plot({ ...options, ...ticks, marks, width: WIDTHS[kind], height, document })
  for (const style of svg.querySelectorAll('style')) style.remove()
  for (const element of svg.querySelectorAll('[style]')) element.removeAttribute('style')
  // One sentence describes the whole chart.
  for (const element of svg.querySelectorAll('[aria-label]')) element.removeAttribute('aria-label')
  for (const name of ['class', 'width', 'height', 'fill', 'font-family', 'font-size']) svg.removeAttribute(name)
  const inside = svg.innerHTML.replace(COORDINATES, (all: string) => all.replace(/(\d\.\d)\d+/g, '$1')).replace(/<text[^>]* \/>/g, '')
  return new Html(
    `<svg class="plot ${kind}" role="img" aria-label="${escaped(label)}" viewBox="0 0 ${WIDTHS[kind]} ${height}" text-anchor="middle">${inside}</svg>`,
  )
}

/** A label of an axis: `2 s`, where a figure is `2.0 s`. */
export function tick(text: string): string {
  return text.replace(/\.0+ /, ' ')
}

/** What a line or an area stands for. */
export function key(items: readonly { kind: string; words: string }[]): Html {
  return html`<ul class="key-of">${items.map(
    ({
      kind,
      words,
    }) => html`<li><svg width="22" height="12" aria-hidden="true"><g class="${kind}"><path d="M1 6H21"/></g></svg>${words}</li>
`,
  )}</ul>`
}
