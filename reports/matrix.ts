import { type Cell, type MatrixDocument, QUEUE_TYPES, type QueueType, surprises, VERBS } from '#evidence/matrix'
import { tableText } from '../services/terminal/table.ts'
import { paragraph } from '../services/terminal/text.ts'
import { breachText } from './finding-words.ts'
import { markdownTable } from './markdown.ts'
import { type Html, html, table } from './page/html.ts'
import { page } from './page/shell.ts'

/** The matrix of nack-requeue as a table: in a terminal, in Markdown, in a page. Pure. */

const TITLE = 'What happens to a task that no worker can do'
const ABOUT =
  'Our own counting of attempts is off; the queue has a delivery limit of 5. Redeliveries as the GPUs logged them. Delayed retry: a task that goes back waits 100 ms, after a failure 100 ms times its failures. Endless: redelivered 100 times, or back after every kill.'

const HEAD = ['broker', 'queue', ...VERBS]

/** A row for each broker and kind of queue; cells in the order of VERBS. */
function rows(all: readonly Cell[]): { broker: string; queueType: QueueType; cells: (Cell | undefined)[] }[] {
  return [...Map.groupBy(all, ({ broker }) => broker)].flatMap(([broker, own]) =>
    QUEUE_TYPES.map(queueType => own.filter(cell => cell.queueType === queueType))
      .filter(({ length }) => length > 0)
      .map(row => ({ broker, queueType: row[0]!.queueType, cells: VERBS.map(verb => row.find(cell => cell.verb === verb)) })),
  )
}

function cellText(cell: Cell | undefined): string {
  if (cell === undefined) return 'not run'
  const { outcome, redeliveries, perSecond, verb, kills } = cell
  if (outcome === 'dead-lettered') return `dead after ${redeliveries} redeliveries`
  return verb === 'killed' ? `back after each of ${kills.length} kills` : `endless, ${perSecond} a second`
}

const texts = (cells: readonly Cell[]) => rows(cells).map(row => [row.broker, row.queueType, ...row.cells.map(cellText)])

/** A sentence for each cell that is not as documented. */
export function surpriseTexts(cells: readonly Cell[]): string[] {
  return surprises(cells).map(({ cell, found }) => `${cell.broker}, ${cell.queueType}, ${cell.verb}: ${breachText(found)}`)
}

function outcomeText(cells: readonly Cell[]): string {
  const [kills, different] = [cells.flatMap(cell => cell.kills), surpriseTexts(cells)]
  const verdict = different.length === 0 ? 'As documented in every cell.' : `Not as documented: ${different.join('; ')}.`
  return `${verdict} Workers killed: ${kills.length}, each seen gone: ${kills.every(kill => kill.gone) ? 'yes' : 'no'}.`
}

/** @param columns of the terminal */
export function matrixText(cells: readonly Cell[], columns = Number.POSITIVE_INFINITY): string {
  const head = 'A task that no worker can do, attempts not counted by us, delivery limit 5:'
  return [head, tableText([HEAD, ...texts(cells)], { columns }), paragraph(outcomeText(cells), columns).join('\n')].join('\n\n')
}

export function matrixMarkdown(cells: readonly Cell[]): string {
  return [`# ${TITLE}`, ABOUT, markdownTable(HEAD, texts(cells)), outcomeText(cells)].join('\n\n').concat('\n')
}

/** The section of a run's page. */
export function matrixSection(cells: readonly Cell[]): Html {
  const shown = (cell: Cell | undefined) =>
    html`<span class="${cell?.outcome === cell?.expected ? 'none' : 'fail'}">${cellText(cell)}</span>${cell && html`<span class="what">documented: ${cell.expected}</span>`}`
  return html`<p>${ABOUT}</p>${table(
    'Outcome by broker, queue and the way back',
    HEAD.map(head => ({ head })),
    rows(cells).map(row => [row.broker, row.queueType, ...row.cells.map(shown)]),
  )}<p>${outcomeText(cells)}</p>`
}

/** The page of a matrix that left no run. */
export function oldMatrixHtml({ matrix, startedAt, commit, machine, node, labVersion }: MatrixDocument): string {
  const verdict = surprises(matrix).length === 0 ? 'pass' : 'fail'
  const where = `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}`
  const small = `Prefetch Lab ${labVersion} at ${commit.id}${commit.dirty ? ' with changes' : ''}, Node ${node.replace(/^v/, '')}; ${where}`
  const again = html`<pre tabindex="0"><code>npm run scenario -- nack-requeue --matrix</code></pre>`
  return page({
    title: 'nack-requeue, matrix',
    about: 'a matrix and its evidence',
    heading: TITLE,
    run: { verdict, startedAt },
    texts: [outcomeText(matrix)],
    small,
    sections: [
      { id: 'matrix', title: 'The matrix', inside: matrixSection(matrix) },
      { id: 'replay', title: 'Replay', inside: again },
    ],
  })
}
