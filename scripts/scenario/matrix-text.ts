import Table from 'cli-table3'
import { NO_LINES } from '../lab/up.ts'
import { cellText, matrixRows } from '../report/matrix.ts'
import { type Cell, surprises, VERBS } from './matrix-document.ts'

/** The matrix as a person reads it: a row for each broker and queue type, a column for each way back. */
export function matrixText(cells: readonly Cell[]): string {
  const style = { 'padding-left': 0, 'padding-right': 3, head: [], border: [] }
  const table = new Table({ head: ['broker', 'queue', ...VERBS], chars: NO_LINES, style })
  for (const { broker, queueType, cells: row } of matrixRows(cells)) table.push([broker, queueType, ...row.map(cellText)])
  const different = surprises(cells)
  const verdict = different.length === 0 ? 'As documented in every cell.' : `Not as documented:\n  ${different.join('\n  ')}`
  return `A task that nobody can do, attempts not counted by us, delivery limit 5:\n\n${table.toString()}\n\n${verdict}`
}
