import type { Inspected } from '../../scenarios/inspect/findings.ts'
import type { ConsumerView, QueueView } from '../../scenarios/inspect/picture.ts'
import { tableText } from '../../services/terminal/table.ts'
import { excerpt, paragraph } from '../../services/terminal/text.ts'
import { spoken } from '../demo/text.ts'
import { type Ink, plainInk } from '../ink.ts'
import { counted, figure } from '../words.ts'
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

export function inspectedText({ snapshot, queues, findings }: Inspected, { columns = 80, ink = plainInk }: TextOptions = {}): string {
  const { version, requests, tookMs, unseen, takenAt } = snapshot
  const now = findings.filter(({ level }) => level === 'now').length
  const word =
    findings.length === 0
      ? ink('green', 'NOTHING FOUND')
      : ink(now > 0 ? 'red' : 'yellow', findings.length === 1 ? '1 FINDING' : `${findings.length} FINDINGS`)
  const verdict = findings.length === 0 ? '' : now > 0 ? `, ${now} of them cost somebody now` : ', none of them costs anybody now'
  return [
    `${ink('bold', word)}${verdict}`,
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
  return label.length + line.length <= columns ? [label + line] : [label.trimEnd(), `    ${line}`]
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
    ...paragraph(
      'hidden wait: until a consumer begins the last message that it holds, estimated from what it holds and how fast it acks (Little), one at a time.',
      columns,
    ).map(line => ink('dim', line)),
  ]
}

const shownNumber = (value: number | undefined) =>
  value === undefined ? '?' : figure(value < 10 ? Math.round(value * 100) / 100 : Math.round(value))

function queueRow({ queue, consumers, longestHiddenMs }: QueueView): string[] {
  const { name, vhost, ready, unacked, perSecond } = queue
  const where = excerpt(vhost === '/' ? name : `${vhost} ${name}`, NAME_COLUMNS)
  const none = consumers.length === 0 && queue.consumers === 0 ? 'nobody' : ''
  return [
    where,
    none,
    shownNumber(ready),
    shownNumber(unacked),
    shownNumber(perSecond.ack),
    longestHiddenMs > 0 ? spoken(longestHiddenMs) : '',
  ]
}

function consumerRows(consumers: readonly ConsumerView[]): string[][] {
  const rows = consumers.slice(0, CONSUMERS_SHOWN).map(consumer => {
    const { who, held, acksPerSecond, hiddenWaitMs } = consumer
    return [
      `  ${excerpt(who, NAME_COLUMNS - 2)}`,
      prefetchText(consumer),
      '',
      shownNumber(held),
      shownNumber(acksPerSecond),
      hiddenWaitMs === undefined ? ((held ?? 0) > 1 ? 'unknown' : '') : hiddenWaitMs > 0 ? spoken(hiddenWaitMs) : '',
    ]
  })
  const left = consumers.length - rows.length
  return left > 0 ? [...rows, [`  and ${counted(left, 'consumer')} more`, '', '', '', '', '']] : rows
}

export function prefetchText({ ackRequired, prefetch, sharedPrefetch = 0 }: ConsumerView): string {
  if (!ackRequired) return 'automatic'
  if (prefetch > 0) return String(prefetch)
  return sharedPrefetch > 0 ? `${sharedPrefetch} shared` : 'unlimited'
}
