import type { HistoryEvent } from '#evidence/history'
import type { ArmDocument, RunDocument } from '#evidence/run-document'
import { besideEachOther } from '../model/beside.ts'
import { type DeviceRow, deviceRows, fewerRows, missing } from '../model/deliveries.ts'
import { duration } from '../predict/text.ts'
import { armHeading } from './badges.ts'
import { folded, type Html, html, n, table } from './html.ts'
import { deliveryLegend } from './legend.ts'
import { historyOf } from './picture.ts'
import { chart, FRAME, frame, text, verticalLine } from './svg.ts'

/** Who saw a message, and how late: the picture of scenarios without much inference. Pure. */

const ROWS_MAX = 6
const LABEL = 19
const HEIGHT = 16
const STEP = LABEL + HEIGHT + 8
/** From here on, to the right edge, stands what never came. Percent of the width. */
const NEVER_FROM = 86

export function deliveriesPicture({ arms }: RunDocument, histories: ReadonlyMap<string, readonly HistoryEvent[]>): Html {
  const rows = arms.map(arm => deviceRows(historyOf(arm, histories)))
  let longestMs = 1
  for (const { deliveries } of rows.flat()) for (const { tookMs = 0 } of deliveries) longestMs = Math.max(longestMs, tookMs)
  const decades = Math.max(2, Math.ceil(Math.log10(longestMs)))
  const beside = besideEachOther(arms)
  const columns = Math.min(2, Math.max(...beside.map(row => row.length)))
  return html`${deliveryLegend()}
${beside.map(row => html`<div class="beside cols-${columns}">${row.map(i => armFigure(arms[i]!, i, rows[i]!, decades))}</div>`)}
<p class="small">From sending to showing, on a logarithmic scale that all arms share. What a device sent itself is left out.</p>`
}

function armFigure(arm: ArmDocument, index: number, rows: readonly DeviceRow[], decades: number): Html {
  return html`<figure class="arm"><figcaption>${armHeading(arm, index)}</figcaption>
${deliverySvg(arm, rows, decades)}
${folded('Figures of this picture', deviceTable(arm, rows))}</figure>`
}

function deliverySvg(arm: ArmDocument, rows: readonly DeviceRow[], decades: number): Html {
  const drawn = fewerRows(rows, ROWS_MAX)
  const bottom = drawn.length * STEP
  const all = rows.flatMap(row => row.deliveries).length
  const never = rows.reduce((sum, row) => sum + missing(row), 0)
  return chart(bottom + 22, `${arm.name}: of ${all} deliveries to ${rows.length} devices, ${never} never came`, [
    html`<g class="axis">${Array.from({ length: decades + 1 }, (_, decade) => {
      const x = (NEVER_FROM * decade) / decades
      return html`${verticalLine(x, 0, bottom, 'grid')}${decade < decades && text(x, bottom + 15, duration(10 ** decade), '', decade === 0 ? 'start' : 'middle')}`
    })}${text(100, bottom + 15, 'never', '', 'end')}</g>`,
    ...drawn.map((row, i) => deviceSvg(row, i * STEP, decades)),
  ])
}

function deviceSvg(row: DeviceRow, y: number, decades: number): Html {
  const top = y + LABEL
  const x = (tookMs: number) => ((FRAME / 100) * NEVER_FROM * Math.max(0, Math.log10(Math.max(1, tookMs)))) / decades
  const path = (wasOnline: boolean) =>
    row.deliveries
      .filter(each => each.wasOnline === wasOnline)
      .flatMap(({ tookMs }) => (tookMs === undefined ? [] : [`M${n(x(tookMs))} 1v${HEIGHT - 2}`]))
      .join('')
  const never = missing(row)
  return html`<g>${text(0, y + 14, row.name, 'name', 'start')}${text(100, y + 14, `${row.deliveries.length - never} of ${row.deliveries.length} shown`, never === 0 ? '' : 'missing-word', 'end')}
<rect width="100%" y="${top}" height="${HEIGHT}" class="track"/>${frame(top, HEIGHT, [html`<path class="came-later" d="${path(false)}"/>`, html`<path class="came" d="${path(true)}"/>`])}${
    never > 0 && text(100, top + 13, `× ${never}`, 'missing', 'end')
  }</g>`
}

function deviceTable(arm: ArmDocument, rows: readonly DeviceRow[]): Html {
  return table(
    `${arm.name}, by device`,
    [
      { head: 'device' },
      { head: 'nodes' },
      { head: 'shown', figures: true },
      { head: 'never shown', figures: true },
      { head: 'slowest', figures: true },
    ],
    rows.map(row => {
      const took = row.deliveries.flatMap(({ tookMs }) => tookMs ?? [])
      return [row.name, row.nodes.join(', then '), took.length, missing(row), took.length === 0 ? '' : duration(Math.max(...took))]
    }),
  )
}
