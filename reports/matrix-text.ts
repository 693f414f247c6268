import Table from 'cli-table3'
import { type Cell, surprises, VERBS } from '#evidence/store/matrix-document'
import { cellText, matrixRows } from './matrix.ts'
import { NO_LINES } from './table.ts'

/** The matrix as a person reads it: a row for each broker and queue type, a column for each way back. */
export function matrixText(cells: readonly Cell[]): string {
  const style = { 'padding-left': 0, 'padding-right': 3, head: [], border: [] }
  const table = new Table({ head: ['broker', 'queue', ...VERBS], chars: NO_LINES, style })
  for (const { broker, queueType, cells: row } of matrixRows(cells)) table.push([broker, queueType, ...row.map(cellText)])
  const different = surprises(cells)
  const verdict = different.length === 0 ? 'As documented in every cell.' : `Not as documented:\n  ${different.join('\n  ')}`
  return `A task that nobody can do, attempts not counted by us, delivery limit 5:\n\n${table.toString()}\n\n${verdict}`
}
