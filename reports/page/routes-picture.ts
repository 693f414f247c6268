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
const BOX = 26
const LINE = 17
/** Left edges and widths of the three columns. Percent. */
const COLUMNS = { exchange: [0, 38], queue: [50, 20], consumer: [78, 22] } as const

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

/** What stands in a column, from the top. */
interface Placed {
  name: string
  y: number
}

function routesSvg(arm: ArmDocument, routes: Routes): Html {
  const right = stacked(routes.consumers, each => each.got.length + each.missing.length)
  const left = stacked(routes.exchanges, each => each.sent.length)
  const height = Math.max(right.height, left.height, routes.queues.length * (BOX + LINE))
  const step = height / Math.max(1, routes.queues.length)
  const middle = routes.queues.map(({ name }, i) => ({ name, y: Math.round(i * step + step / 2 - BOX / 2) }))
  const at = (placed: readonly Placed[], name: string) => (placed.find(each => each.name === name)?.y ?? 0) + BOX / 2
  return chart(height + 4, sentence(arm, routes), [
    html`<g class="edges">${routes.queues.flatMap(({ name, bindings, consumers }) => [
      ...bindings.map(({ exchange }) => edge(COLUMNS.exchange, at(left.placed, exchange), COLUMNS.queue, at(middle, name))),
      ...consumers.map(consumer => edge(COLUMNS.queue, at(middle, name), COLUMNS.consumer, at(right.placed, consumer))),
    ])}</g>`,
    ...routes.exchanges.map((each, i) =>
      node(COLUMNS.exchange, left.placed[i]!.y, each.name === '' ? 'nameless exchange' : `${each.name} (${each.type})`, [
        ...each.sent.map(({ message, key }) => ({ words: key === '' ? message : `${message} [${key}]`, kind: '' })),
      ]),
    ),
    ...routes.queues.map(
      ({ name, bindings }, i) =>
        html`${node(COLUMNS.queue, middle[i]!.y, name, [])}${text(COLUMNS.queue[0], middle[i]!.y + BOX + 13, keysText(bindings), 'key', 'start')}`,
    ),
    ...routes.consumers.map(({ name, got, missing, unwanted }, i) =>
      node(COLUMNS.consumer, right.placed[i]!.y, name, [
        ...got.map(message =>
          unwanted.includes(message) ? { words: `! ${message}`, kind: 'missing-word' } : { words: message, kind: '' },
        ),
        ...missing.map(message => ({ words: `× ${message}`, kind: 'missing-word' })),
      ]),
    ),
  ])
}

const keysText = (bindings: Routes['queues'][number]['bindings']) =>
  bindings
    .map(({ key }) => key)
    .filter(key => key !== '')
    .join(', ')

function stacked<T extends { name: string }>(of: readonly T[], linesOf: (each: T) => number): { placed: Placed[]; height: number } {
  let y = 0
  const placed = of.map(each => {
    const own = { name: each.name, y }
    y += BOX + linesOf(each) * LINE + 14
    return own
  })
  return { placed, height: y }
}

function edge([fromX, width]: readonly [number, number], fromY: number, [toX]: readonly [number, number], toY: number): Html {
  return html`<line class="edge" x1="${fromX + width}%" x2="${toX}%" y1="${n(fromY)}" y2="${n(toY)}"/>`
}

function node([x, width]: readonly [number, number], y: number, name: string, lines: readonly { words: string; kind: string }[]): Html {
  return html`<g><rect class="node" x="${x}%" y="${n(y)}" width="${width}%" height="${BOX}" rx="4"/>${text(x + 1, y + 17, name, 'name', 'start')}${lines.map(
    ({ words, kind }, i) => text(x + 1, y + BOX + 14 + i * LINE, words, kind, 'start'),
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
