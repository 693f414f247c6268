import { type Cell, QUEUE_TYPES, type QueueType, surprises, VERBS, type Verb } from '#evidence/store/matrix-document'

/** The matrix of nack-requeue as rows and as Markdown. Pure. */

export const MATRIX_ABOUT =
  'Our own counting of attempts is off; the queue has a delivery limit of 5. Redeliveries as the GPUs logged them. Delayed retry: a task that goes back waits 100 ms, after a failure 100 ms times its failures.'

export function matrixMarkdown(cells: readonly Cell[]): string {
  const row = (texts: readonly string[]) => `| ${texts.join(' | ')} |`
  const rows = matrixRows(cells).map(({ broker, queueType, cells: own }) => row([broker, queueType, ...own.map(cellText)]))
  const different = surprises(cells)
  const kills = cells.flatMap(cell => cell.kills)
  return [
    '# What happens to a task that no worker can do',
    '',
    MATRIX_ABOUT,
    '',
    row(['broker', 'queue', ...VERBS]),
    row(['---', '---', ...VERBS.map(() => '---')]),
    ...rows,
    '',
    different.length === 0 ? 'As documented in every cell.' : `Not as documented: ${different.join('; ')}.`,
    `Workers killed: ${kills.length}, each seen gone: ${kills.every(kill => kill.gone) ? 'yes' : 'no'}.`,
    '',
  ].join('\n')
}

/** A row for each broker and queue type; cells in the order of VERBS. */
export function matrixRows(cells: readonly Cell[]): { broker: string; queueType: QueueType; cells: (Cell | undefined)[] }[] {
  const brokers = [...new Set(cells.map(cell => cell.broker))]
  const cellOf = (broker: string, queueType: QueueType, verb: Verb) =>
    cells.find(cell => cell.broker === broker && cell.queueType === queueType && cell.verb === verb)
  return brokers.flatMap(broker =>
    QUEUE_TYPES.map(queueType => ({ broker, queueType, cells: VERBS.map(verb => cellOf(broker, queueType, verb)) })).filter(row =>
      row.cells.some(cell => cell !== undefined),
    ),
  )
}

export function cellText(cell: Cell | undefined): string {
  if (cell === undefined) return 'not run'
  const { outcome, redeliveries, perSecond, verb, kills } = cell
  if (outcome === 'dead-lettered') return `dead after ${redeliveries} redeliveries`
  return verb === 'killed' ? `back after each of ${kills.length} kills` : `endless, ${perSecond} a second`
}
