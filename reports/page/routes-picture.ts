import type { HistoryEvent } from '#evidence/history'
import type { ArmDocument, RunDocument } from '#evidence/run-document'
import { besideEachOther } from '../model/beside.ts'
import { type Routes, routesOf } from '../model/routes.ts'
import { armHeading } from './badges.ts'
import { type Html, html, n, table } from './html.ts'
import { historyOf } from './picture.ts'
import { chart, text } from './svg.ts'

/** The picture of a scenario on plain channels: exchange, bindings, queues, who got what. Pure. */

/** Beyond these a picture is a tangle; the table says it. */
const QUEUES_MAX = 6
const LINE = 17
/** Above and below the name in a box. */
const BOX = 9
const GAP = 14
const GOES_ON_PERCENT = 2

type Column = 'exchange' | 'queue' | 'consumer'
/** Left edge and width in percent, and the characters that a line has room for. */
type Layout = Record<Column, { x: number; width: number; fits: number }>
/** For a figure of at least 480 pixels, and for one of a phone, of at least 320. */
const LAYOUTS: Readonly<Record<'wide' | 'narrow', Layout>> = {
  wide: { exchange: { x: 0, width: 38, fits: 34 }, queue: { x: 50, width: 20, fits: 14 }, consumer: { x: 78, width: 22, fits: 16 } },
  narrow: { exchange: { x: 0, width: 40, fits: 19 }, queue: { x: 46, width: 24, fits: 10 }, consumer: { x: 75, width: 25, fits: 11 } },
}

export function routesPicture({ arms }: RunDocument, histories: ReadonlyMap<string, readonly HistoryEvent[]>): Html {
  const routes = arms.map(arm => routesOf(historyOf(arm, histories)))
  return html`${besideEachOther(arms).map(
    row => html`<div class="beside cols-${Math.min(2, row.length)}">${row.map(i => armFigure(arms[i]!, i, routes[i]!))}</div>`,
  )}
<p class="small">Left the exchange with what was sent to it, in the middle the queues with the keys that bind them, right the consumers with what they got. × = should have come and did not; ! = came and should not have.</p>`
}

function armFigure(arm: ArmDocument, index: number, routes: Routes): Html {
  return html`<figure class="arm"><figcaption>${armHeading(arm, index)}</figcaption>
${routes.queues.length > QUEUES_MAX ? crowd(routes) : routesSvg(arm, routes)}</figure>`
}

function crowd({ exchanges, queues, consumers }: Routes): Html {
  const got = consumers.reduce((sum, each) => sum + each.got.length, 0)
  const sent = exchanges.reduce((sum, each) => sum + each.sent.length, 0)
  return html`<p>${queues.length} bindings, ${sent} messages with a key each: ${got} of ${queues.length * sent} pairs matched.</p>`
}

interface Line {
  words: string
  kind: string
  /** It goes on from the line above. */
  goesOn?: boolean
}

/** A box with its name, and lines below it. */
interface Box {
  name: string
  names: string[]
  lines: Line[]
}

/** A phone has another picture, not a smaller one: letters keep their size. */
function routesSvg(arm: ArmDocument, routes: Routes): Html {
  const label = sentence(arm, routes)
  return html`<div class="fluid">${(['wide', 'narrow'] as const).map(
    kind => html`<div class="${kind}">${layoutSvg(label, routes, LAYOUTS[kind])}</div>`,
  )}</div>`
}

function layoutSvg(label: string, routes: Routes, layout: Layout): Html {
  const box = (column: Column, name: string, lines: readonly Line[]): Box => {
    const { fits } = layout[column]
    return {
      name,
      names: wrapped(name, fits),
      lines: lines.flatMap(({ words, kind }) => wrapped(words, fits).map((part, i) => ({ words: part, kind, goesOn: i > 0 }))),
    }
  }
  const columns: Record<Column, Box[]> = {
    exchange: routes.exchanges.map(({ name, type, sent }) => ({
      ...box('exchange', name === '' ? 'nameless exchange' : `${name} (${type})`, sent.map(sentLine)),
      name,
    })),
    queue: routes.queues.map(({ name, bindings }) => box('queue', name, keyLines(bindings))),
    consumer: routes.consumers.map(({ name, got, missing, unwanted }) =>
      box('consumer', name, [
        ...got.map(message =>
          unwanted.includes(message) ? { words: `! ${message}`, kind: 'missing-word' } : { words: message, kind: '' },
        ),
        ...missing.map(message => ({ words: `× ${message}`, kind: 'missing-word' })),
      ]),
    ),
  }
  const height = Math.max(...Object.values(columns).map(heightOf))
  // Queues spread over the whole height: their edges part.
  const spread = (height - heightOf(columns.queue)) / Math.max(1, columns.queue.length)
  const tops: Record<Column, number[]> = {
    exchange: topsOf(columns.exchange, 0),
    queue: topsOf(columns.queue, spread).map(y => y + spread / 2),
    consumer: topsOf(columns.consumer, 0),
  }
  const middle = (column: Column, name: string) => {
    const i = columns[column].findIndex(each => each.name === name)
    return i < 0 ? 0 : tops[column][i]! + boxHeight(columns[column][i]!) / 2
  }
  const edge = (from: Column, fromName: string, to: Column, toName: string) =>
    html`<line class="edge" x1="${layout[from].x + layout[from].width}%" x2="${layout[to].x}%" y1="${n(middle(from, fromName))}" y2="${n(middle(to, toName))}"/>`
  return chart(Math.ceil(height), label, [
    html`<g class="edges">${routes.queues.flatMap(({ name, bindings, consumers }) => [
      ...bindings.map(({ exchange }) => edge('exchange', exchange, 'queue', name)),
      ...consumers.map(consumer => edge('queue', name, 'consumer', consumer)),
    ])}</g>`,
    ...(Object.keys(columns) as Column[]).flatMap(column =>
      columns[column].map((each, i) => boxSvg(each, layout[column], tops[column][i]!)),
    ),
  ])
}

const sentLine = ({ message, key }: Routes['exchanges'][number]['sent'][number]): Line => ({
  words: key === '' ? message : `${message} [${key}]`,
  kind: '',
})

const keyLines = (bindings: Routes['queues'][number]['bindings']): Line[] =>
  bindings.flatMap(({ key }) => (key === '' ? [] : [{ words: key, kind: 'key' }]))

/** Broken behind a blank, a dot or a hyphen, and within a word where nothing else helps. */
export function wrapped(words: string, fits: number): string[] {
  const lines: string[] = []
  let line = ''
  const pieces = (words.match(/[^ .-]*[ .-]?/g) ?? []).flatMap(piece => piece.match(new RegExp(`.{1,${fits}}`, 'gu')) ?? [])
  for (const piece of pieces) {
    if (line !== '' && (line + piece.trimEnd()).length > fits) {
      lines.push(line.trimEnd())
      line = ''
    }
    line += piece
  }
  return line === '' ? lines : [...lines, line.trimEnd()]
}

const boxHeight = ({ names }: Box) => names.length * LINE + BOX
const blockHeight = (box: Box) => boxHeight(box) + box.lines.length * LINE + GAP
const heightOf = (boxes: readonly Box[]) => boxes.reduce((sum, box) => sum + blockHeight(box), 0)

function topsOf(boxes: readonly Box[], spread: number): number[] {
  let y = 0
  return boxes.map(box => {
    const top = y
    y += blockHeight(box) + spread
    return top
  })
}

function boxSvg(box: Box, { x, width }: Layout[Column], y: number): Html {
  const height = boxHeight(box)
  const word = (words: string, atY: number, kind: string, indent = 0) => text(x + 1 + indent, Math.round(atY), words, kind, 'start')
  return html`<g><rect class="node" x="${x}%" y="${n(y)}" width="${width}%" height="${height}" rx="4"/>${box.names.map((name, i) => word(name, y + 17 + i * LINE, 'name'))}${box.lines.map(
    ({ words, kind, goesOn }, i) => word(words, y + height + 14 + i * LINE, kind, goesOn === true ? GOES_ON_PERCENT : 0),
  )}</g>`
}

/** What the picture shows, for those who do not see it. */
function sentence({ name }: ArmDocument, { exchanges, queues, consumers }: Routes): string {
  const got = consumers.map(
    each => `${each.name} got ${each.got.length}${each.missing.length > 0 ? ` and missed ${each.missing.length}` : ''}`,
  )
  const sent = exchanges.reduce((sum, each) => sum + each.sent.length, 0)
  return `${name}: ${sent} messages through ${queues.length} queues; ${got.join(', ')}`
}

/** The takes of an envelope: how many got a share, what each way cost. */
export function takesTable({ arms }: RunDocument, histories: ReadonlyMap<string, readonly HistoryEvent[]>): Html {
  const rows = arms.map((arm, i) => {
    const { events } = historyOf(arm, histories)
    const took = events.filter(event => event.kind === 'took')
    const envelope = events.find(event => event.kind === 'envelope')
    const left = events.findLast(event => event.kind === 'balance')
    const ms = took.map(({ tookMs }) => tookMs).sort((a, b) => a - b)
    const cents = took.reduce((sum, { shareCents }) => sum + shareCents, 0)
    const retries = took.reduce((sum, each) => sum + each.retries, 0)
    const spanMs = Math.max(...took.map(({ atMs }) => atMs)) - Math.min(...took.map(({ atMs, tookMs }) => atMs - tookMs))
    return [
      armHeading(arm, i),
      `${took.filter(({ shareCents }) => shareCents > 0).length} of ${envelope?.takes ?? 0}`,
      `${cents} of ${envelope?.amountCents ?? 0}`,
      left?.leftCents ?? '',
      retries,
      `${n(ms[Math.floor(ms.length / 2)] ?? 0)} ms`,
      `${n(spanMs)} ms`,
    ]
  })
  const figures = ['shares', 'cents taken', 'cents left', 'began anew', 'median take', 'all takes'].map(head => ({ head, figures: true }))
  return table('Who got what of the envelope, and what each way costs', [{ head: 'arm' }, ...figures], rows)
}
