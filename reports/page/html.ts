import { printable } from '../words.ts'

/** HTML that escapes: only another `html` template is markup. Pure. */

export class Html {
  readonly markup: string
  constructor(markup: string) {
    this.markup = markup
  }
  toString(): string {
    return this.markup
  }
}

export type Piece = Html | string | number | undefined | false | readonly Piece[]

export function html(strings: TemplateStringsArray, ...pieces: Piece[]): Html {
  return new Html(strings.reduce((text, string, i) => text + markupOf(pieces[i - 1]) + string))
}

/** Nothing for undefined and false; lists one after the other. */
function markupOf(piece: Piece): string {
  if (piece === undefined || piece === false) return ''
  if (piece instanceof Html) return piece.markup
  if (typeof piece === 'string') return escaped(piece)
  return typeof piece === 'number' ? String(piece) : piece.map(markupOf).join('')
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

export function escaped(text: string): string {
  return printable(text).replace(/[&<>"']/g, character => ENTITIES[character] ?? '')
}

/** At most two digits after the point: coordinates. */
export function n(value: number): string {
  return String(Math.round(value * 100) / 100)
}

export interface Column {
  head: string
  /** Figures stand to the right. */
  figures?: boolean
}

/** A table that scrolls sideways if too wide. Each row's first cell is its heading. */
export function table(caption: string, columns: readonly Column[], rows: readonly (readonly Piece[])[]): Html {
  const kind = (column: number) => columns[column]?.figures === true && html` class="num"`
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0"><table><caption>${caption}</caption>
<thead><tr>${columns.map(({ head }, i) => html`<th scope="col"${kind(i)}>${head}</th>`)}</tr></thead>
<tbody>${rows.map(
    row => html`<tr>${row.map((cell, i) => (i === 0 ? html`<th scope="row"${kind(i)}>${cell}</th>` : html`<td${kind(i)}>${cell}</td>`))}</tr>
`,
  )}</tbody></table></div>`
}

/** What is there for those who want figures, folded. */
export function folded(summary: string, inside: Piece): Html {
  return html`<details><summary>${summary}</summary>${inside}</details>`
}
