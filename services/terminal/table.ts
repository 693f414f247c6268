import { columnsOf, padded, paragraph } from './text.ts'

/** Rows as columns two spaces apart; the widest cells break to fit `columns`. Pure. */

export interface TableOptions {
  /** Of the terminal. Default 80. */
  columns?: number
  /** Figures stand to the right, in all columns but the first. */
  figures?: boolean
}

const GAP = 2
const LEAST = 8

/** A cell may hold several lines. Words are broken only where the terminal is too narrow for them.
 *  @param rows the first is the head, if there is one */
export function tableText(rows: readonly (readonly string[])[], { columns = 80, figures = false }: TableOptions = {}): string {
  const head = rows[0] ?? []
  const longest = (i: number, part: RegExp) => Math.max(...rows.flatMap(row => (row[i] ?? '').split(part).map(columnsOf)))
  const words = head.map((_, i) => longest(i, /\s+/))
  let widths = head.map((_, i) => longest(i, /\n/))
  for (const least of [words, words.map(word => Math.min(word, LEAST))]) widths = narrowed(widths, least, columns)
  return rows.flatMap(row => rowLines(row, widths, figures)).join('\n')
}

/** The widest columns give first, none below its least. */
function narrowed(wanted: readonly number[], least: readonly number[], columns: number): number[] {
  const widths = [...wanted]
  for (let over = widths.reduce((sum, width) => sum + width + GAP, -GAP) - columns; over > 0; over -= 1) {
    const [widest] = [...widths.keys()].filter(i => widths[i]! > least[i]!).sort((a, b) => widths[b]! - widths[a]!)
    if (widest === undefined) break
    widths[widest]! -= 1
  }
  return widths
}

function rowLines(row: readonly string[], widths: readonly number[], figures: boolean): string[] {
  const broken = (line: string, width: number) => (columnsOf(line) <= width ? [line] : paragraph(line, width, '', 1))
  const cells = widths.map((width, i) => (row[i] ?? '').split('\n').flatMap(line => broken(line, width)))
  const height = Math.max(...cells.map(({ length }) => length))
  const to = (i: number) => (figures && i > 0 ? 'right' : 'left')
  return Array.from({ length: height }, (_, line) =>
    cells
      .map((cell, i) => padded(cell[line] ?? '', widths[i]!, to(i)))
      .join(' '.repeat(GAP))
      .trimEnd(),
  )
}

/** Columns of a terminal; 80 for a pipe. */
export const terminalColumns = (stream: { columns?: number }): number => stream.columns ?? 80
