import { type Cell, surprises, VERBS } from '#evidence/store/matrix-document'
import { tableText } from '../services/terminal/table.ts'
import { cellText, matrixRows } from './matrix.ts'

/** A row per broker and queue type, a column per verb. @param columns of the terminal */
export function matrixText(cells: readonly Cell[], columns = Number.POSITIVE_INFINITY): string {
  const rows = matrixRows(cells).map(({ broker, queueType, cells: row }) => [broker, queueType, ...row.map(cellText)])
  const table = tableText([['broker', 'queue', ...VERBS], ...rows], { columns })
  const different = surprises(cells)
  const verdict = different.length === 0 ? 'As documented in every cell.' : `Not as documented:\n  ${different.join('\n  ')}`
  return `A task that nobody can do, attempts not counted by us, delivery limit 5:\n\n${table}\n\n${verdict}`
}
