import Table from 'cli-table3'
import { NO_LINES } from '../lab/up.ts'
import { type Cell, QUEUE_TYPES, surprises, VERBS } from './matrix.ts'

/** The matrix as a person reads it: a row for each broker and queue type, a column for each way back. */
export function matrixText(cells: readonly Cell[]): string {
  const style = { 'padding-left': 0, 'padding-right': 3, head: [], border: [] }
  const table = new Table({ head: ['broker', 'queue', ...VERBS], chars: NO_LINES, style })
  const brokers = [...new Set(cells.map(cell => cell.broker))]
  for (const broker of brokers)
    for (const queueType of QUEUE_TYPES)
      table.push([broker, queueType, ...VERBS.map(verb => cellText(cellOf(cells, broker, queueType, verb)))])
  const different = surprises(cells)
  const verdict = different.length === 0 ? 'As documented in every cell.' : `Not as documented:\n  ${different.join('\n  ')}`
  return `A task that nobody can do, attempts not counted by us, delivery limit 5:\n\n${table.toString()}\n\n${verdict}`
}

/** The same for a page. */
export function matrixMarkdown(cells: readonly Cell[]): string {
  const brokers = [...new Set(cells.map(cell => cell.broker))]
  const row = (texts: readonly string[]) => `| ${texts.join(' | ')} |`
  const rows = brokers.flatMap(broker =>
    QUEUE_TYPES.map(queueType => row([broker, queueType, ...VERBS.map(verb => cellText(cellOf(cells, broker, queueType, verb)))])),
  )
  const different = surprises(cells)
  const kills = cells.flatMap(cell => cell.kills)
  return [
    '# What becomes of a task that nobody can do',
    '',
    'Our own counting of attempts is off; the queue has a delivery limit of 5. Redeliveries as the GPUs logged them.',
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

function cellOf(cells: readonly Cell[], broker: string, queueType: string, verb: string): Cell | undefined {
  return cells.find(cell => cell.broker === broker && cell.queueType === queueType && cell.verb === verb)
}

function cellText(cell: Cell | undefined): string {
  if (cell === undefined) return 'not run'
  const { outcome, redeliveries, perSecond, verb, kills } = cell
  if (outcome === 'dead-lettered') return `dead after ${redeliveries} redeliveries`
  return verb === 'killed' ? `back after each of ${kills.length} kills` : `endless, ${perSecond} a second`
}
