import type { Inspected } from '../../scenarios/inspect/findings.ts'
import type { ConsumerView, QueueView } from '../../scenarios/inspect/picture.ts'
import { apart, excerpt, fitted, padded } from '../../services/terminal/text.ts'
import { type Ink, spoken, styleOfWait } from '../demo/text.ts'
import { shownPrefetch, shownQueue } from './cells.ts'

/** The live picture: a lane per consumer, its messages as squares; ready ones stand apart. Pure. */

export interface Scene {
  seen: Inspected | undefined
  /** Of the last look that failed. */
  trouble?: string | undefined
  /** Hours, minutes, seconds. */
  clock: string
  hint: string
}

const NAME_COLUMNS = 22
const PREFETCH_COLUMNS = 10
const END_COLUMNS = 18
const CONSUMERS_SHOWN = 8
const [IN_WORK, HELD, READY] = ['▶', '■', '□']

/** Exactly `rows` x `columns`. */
export function screen(scene: Scene, columns: number, rows: number, ink: Ink): string[] {
  const { seen, trouble, clock, hint } = scene
  const lanes = Math.max(8, columns - NAME_COLUMNS - PREFETCH_COLUMNS - END_COLUMNS - 3)
  const queues = (seen?.queues ?? []).filter(({ queue, consumers }) => consumers.length > 0 || (queue.ready ?? 0) > 0)
  // The scale is that of what is held: a long backlog ends in an ellipsis.
  const most = Math.max(1, ...queues.flatMap(({ consumers }) => consumers.map(({ held = 0 }) => held)))
  const each = Math.ceil(most / lanes)
  const body = queues.flatMap(view => ['', ...queueLines(view, { lanes, each, columns, ink })])
  const legend = `${IN_WORK} in work  ${ink('gone', HELD)} hidden in a buffer  ${ink('ready', READY)} ready${each > 1 ? `  one square: ${each} messages` : ''}`
  const top = [title(scene, columns, ink), seen === undefined ? '' : findingsLine(seen, ink)]
  const bottom = [trouble === undefined ? legend : ink('gone', trouble), apart('', ink('dim', `${clock}  ${hint}`), columns)]
  const room = rows - top.length - bottom.length
  const shown =
    body.length <= room
      ? body
      : [...body.slice(0, Math.max(0, room - 1)), ink('dim', `… ${body.length - room + 1} more lines: npm run inspect`)]
  const lines = [...top, ...shown, ...Array.from({ length: Math.max(0, room - shown.length) }, () => ''), ...bottom]
  return lines.slice(0, rows).map(line => fitted(line, columns))
}

function title({ seen }: Scene, columns: number, ink: Ink): string {
  if (seen === undefined) return ink('bold', 'RabbitMQ: first look …')
  const { version, unseen } = seen.snapshot
  const hidden = seen.queues.reduce((sum, queue) => sum + queue.hidden, 0)
  const ready = seen.queues.reduce((sum, { queue }) => sum + (queue.ready ?? 0), 0)
  const blind = unseen.length > 0 ? ' (not all seen)' : ''
  return apart(ink('bold', `RabbitMQ ${version}${blind}`), `${ink('ready', `${ready} ready`)}, ${ink('gone', `${hidden} hidden`)}`, columns)
}

function findingsLine({ findings }: Inspected, ink: Ink): string {
  const codes = [...new Set(findings.map(({ code }) => code))]
  return codes.length === 0 ? ink('fresh', 'nothing found') : ink('late', codes.join(' · '))
}

interface Drawing {
  lanes: number
  each: number
  columns: number
  ink: Ink
}

function queueLines({ queue, consumers, longestHiddenMs }: QueueView, drawing: Drawing): string[] {
  const { lanes, each, ink, columns } = drawing
  const { ready = 0 } = queue
  const needed = Math.ceil(ready / each)
  const squares = ink('ready', needed <= lanes ? READY.repeat(needed) : `${READY.repeat(lanes - 1)}…`)
  const wait = longestHiddenMs > 0 ? ink(styleOfWait(longestHiddenMs), `hidden ${spoken(longestHiddenMs)}`) : ''
  const left = consumers.length - CONSUMERS_SHOWN
  return [
    apart(ink('bold', excerpt(shownQueue(queue), columns - 20)), wait, columns),
    row('  ready', '', squares, String(ready), lanes),
    ...consumers.slice(0, CONSUMERS_SHOWN).map(consumer => consumerLine(consumer, drawing)),
    ...(left > 0 ? [ink('dim', `  and ${left} more`)] : []),
  ]
}

function consumerLine(consumer: ConsumerView, { lanes, each, ink }: Drawing): string {
  const { who, held = 0, hiddenWaitMs } = consumer
  const squares = Math.min(lanes, Math.ceil(held / each))
  const buffer = HELD.repeat(Math.max(0, squares - 1))
  const lane = (squares > 0 ? IN_WORK : '') + (buffer === '' ? '' : ink(styleOfWait(hiddenWaitMs ?? Number.POSITIVE_INFINITY), buffer))
  const wait = hiddenWaitMs === undefined ? (held > 1 ? ', acks none' : '') : hiddenWaitMs > 0 ? `, ${spoken(hiddenWaitMs)}` : ''
  return row(`  ${excerpt(who, NAME_COLUMNS - 2)}`, shownPrefetch(consumer), lane, `${consumer.held ?? '?'}${wait}`, lanes)
}

const row = (name: string, prefetch: string, lane: string, end: string, lanes: number) =>
  `${padded(name, NAME_COLUMNS)} ${padded(prefetch, PREFETCH_COLUMNS)} ${padded(lane, lanes)} ${padded(end, END_COLUMNS, 'right')}`
