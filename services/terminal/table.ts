import { columnsOf, padded, paragraph } from './text.ts'

/** Rows as columns apart by two spaces, in at most `columns` of a terminal: the widest cells are broken into lines. Pure. */

export interface TableOptions {
  /** Of the terminal. Default 80. */
  columns?: number
  /** Figures stand to the right, in all columns but the first. */
  figures?: boolean
}

const GAP = 2
const LEAST = 8

/** @param rows the first is the head, if there is one */
export function tableText(rows: readonly (readonly string[])[], { columns = 80, figures = false }: TableOptions = {}): string {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map(row => columnsOf(row[i] ?? ''))))
  for (;;) {
    const over = widths.reduce((sum, width) => sum + width + GAP, -GAP) - columns
    const [widest, next = 0] = widths.toSorted((a, b) => b - a) as [number, number?]
    if (over <= 0 || widest <= LEAST) break
    widths[widths.indexOf(widest)] = Math.max(LEAST, Math.min(widest - 1, Math.max(next, widest - over)))
  }
  return rows.flatMap(row => rowLines(row, widths, figures)).join('\n')
}

function rowLines(row: readonly string[], widths: readonly number[], figures: boolean): string[] {
  const cells = widths.map((width, i) => (columnsOf(row[i] ?? '') <= width ? [row[i] ?? ''] : paragraph(row[i]!, width)))
  const height = Math.max(...cells.map(({ length }) => length))
  const to = (i: number) => (figures && i > 0 ? 'right' : 'left')
  return Array.from({ length: height }, (_, line) =>
    cells
      .map((cell, i) => padded(cell[line] ?? '', widths[i]!, to(i)))
      .join(' '.repeat(GAP))
      .trimEnd(),
  )
}
