import type { Inspected } from '../../scenarios/inspect/findings.ts'
import type { ConsumerView, QueueView } from '../../scenarios/inspect/picture.ts'
import { tableText } from '../../services/terminal/table.ts'
import { clean, columnsOf, excerpt, paragraph } from '../../services/terminal/text.ts'
import { spoken } from '../demo/text.ts'
import { type Ink, plainInk } from '../ink.ts'
import { counted } from '../words.ts'
import { headline, METHOD, shownNumber, shownPrefetch, shownQueue, shownWait } from './cells.ts'
import { unseenWords } from './unseen-words.ts'
import { said } from './words.ts'

/** A look at a broker for a terminal: what is wrong, then who holds what. Pure. */

/** Of one kind; the rest is counted. */
const SHOWN_OF_A_KIND = 3
const QUEUES_SHOWN = 12
const CONSUMERS_SHOWN = 6
const NAME_COLUMNS = 28

export interface TextOptions {
  columns?: number
  ink?: Ink
}

export function inspectedText(seen: Inspected, { columns = 80, ink = plainInk }: TextOptions = {}): string {
  const { snapshot, queues, findings, verdict } = seen
  const { word, rest, harm } = headline(seen)
  const style = harm ? 'red' : verdict === 'nothing-found' ? 'green' : 'yellow'
  const { version, requests, tookMs, unseen, takenAt } = snapshot
  return [
    `${ink('bold', ink(style, word))}${rest}`,
    ...paragraph(
      `RabbitMQ ${version}, ${takenAt.slice(0, 19).replace('T', ' ')} UTC, ${requests} requests in ${spoken(tookMs)}`,
      columns,
      '  ',
    ),
    '',
    ...findingLines(findings, columns, ink),
    ...queueLines(queues, columns, ink),
    ...(unseen.length === 0 ? [] : ['', ink('bold', 'Not seen'), ...unseen.flatMap(one => paragraph(unseenWords(one), columns, '  '))]),
  ].join('\n')
}

function findingLines(findings: Inspected['findings'], columns: number, ink: Ink): string[] {
  return [...Map.groupBy(findings, ({ code }) => code)].flatMap(([code, group]) => {
    const [first] = group
    if (first === undefined) return []
    const { means, fixes, see } = said(first)
    const more = group.length - SHOWN_OF_A_KIND
    const style = first.level === 'now' ? 'red' : 'yellow'
    return [
      `${ink(style, first.level === 'now' ? '✕' : '!')} ${ink('bold', code)}`,
      ...group.slice(0, SHOWN_OF_A_KIND).flatMap(finding => paragraph(`${said(finding).says}.`, columns, '  ')),
      ...(more > 0 ? [`  and ${more} more: --json`] : []),
      ...paragraph(means, columns, '  ').map(line => ink('dim', line)),
      ...fixes.flatMap(([client, line]) => hung(client === undefined ? '  fix: ' : `  ${client}: `, line, columns)),
      ink('dim', `  ${see}`),
      '',
    ]
  })
}

/** A line to copy is never broken; its label stands before it where both fit. */
function hung(label: string, line: string, columns: number): string[] {
  const copied = clean(line)
  return columnsOf(label + copied) <= columns ? [label + copied] : [label.trimEnd(), `    ${copied}`]
}

function queueLines(queues: readonly QueueView[], columns: number, ink: Ink): string[] {
  const busy = queues.filter(({ queue, consumers }) => (queue.ready ?? 0) + (queue.unacked ?? 0) > 0 || consumers.length > 0)
  const shown = busy.slice(0, QUEUES_SHOWN)
  const rows = shown.flatMap(view => [queueRow(view), ...consumerRows(view.consumers)])
  const left = busy.length - shown.length
  const idle = queues.length - busy.length
  return [
    ink('bold', 'Who holds what'),
    tableText([['queue, consumer', 'prefetch', 'ready', 'held', 'acks/s', 'hidden wait'], ...rows], { columns, figures: true }),
    ...(left > 0 ? [`and ${counted(left, 'queue')} more: --json`] : []),
    ...(idle > 0 ? [`${counted(idle, 'queue')} without messages and consumers`] : []),
    ...paragraph(METHOD, columns).map(line => ink('dim', line)),
  ]
}

function queueRow({ queue, consumers, longestHiddenMs }: QueueView): string[] {
  const { ready, unacked, perSecond } = queue
  const none = consumers.length === 0 && queue.consumers === 0 ? 'nobody' : ''
  const wait = longestHiddenMs > 0 ? spoken(longestHiddenMs) : ''
  return [excerpt(shownQueue(queue), NAME_COLUMNS), none, shownNumber(ready), shownNumber(unacked), shownNumber(perSecond.ack), wait]
}

function consumerRows(consumers: readonly ConsumerView[]): string[][] {
  const rows = consumers.slice(0, CONSUMERS_SHOWN).map(consumer => {
    const { who, held, acksPerSecond } = consumer
    const name = `  ${excerpt(who, NAME_COLUMNS - 2)}`
    return [name, shownPrefetch(consumer), '', shownNumber(held), shownNumber(acksPerSecond), shownWait(consumer)]
  })
  const left = consumers.length - rows.length
  return left > 0 ? [...rows, [`  and ${counted(left, 'consumer')} more`, '', '', '', '', '']] : rows
}
