import { lineY, ruleY, text } from '@observablehq/plot'
import type { HistoryEvent } from '#evidence/history'
import type { ArmDocument, RunDocument } from '#evidence/run-document'
import { plotted, tick } from '../chart/plot.ts'
import { besideEachOther } from '../model/beside.ts'
import { type DeviceRow, deviceRows, fewerRows, missing } from '../model/deliveries.ts'
import { duration } from '../predict/text.ts'
import { armHeading } from './badges.ts'
import { folded, type Html, html, table } from './html.ts'
import { deliveryLegend } from './legend.ts'
import { historyOf } from './picture.ts'

/** Who saw a message, and how late: the picture of scenarios without much inference. Pure. */

const ROWS_MAX = 6
const STEP = 42
const AXIS = 26
/** Half the height of a mark, in rows. */
const MARK = 0.17

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
${deliveryChart(arm, rows, decades)}
${folded('Figures of this picture', deviceTable(arm, rows))}</figure>`
}

function deliveryChart(arm: ArmDocument, rows: readonly DeviceRow[], decades: number): Html {
  const drawn = fewerRows(rows, ROWS_MAX).map((row, i) => ({ ...row, at: i, never: missing(row) }))
  const all = rows.flatMap(row => row.deliveries).length
  const never = rows.reduce((sum, row) => sum + missing(row), 0)
  const label = { frameAnchor: 'left', dx: -12, dy: -13, className: 'name' } as const
  const shown = (lacks: boolean) =>
    text(
      drawn.filter(row => row.never > 0 === lacks),
      {
        ...{ y: 'at', dy: -13, frameAnchor: 'right', textAnchor: 'end', className: lacks ? 'over-word' : 'plain' },
        text: row => `${row.deliveries.length - row.never} of ${row.deliveries.length} shown`,
      },
    )
  return plotted({
    label: `${arm.name}: of ${all} deliveries to ${rows.length} devices, ${never} never came`,
    height: drawn.length * STEP + AXIS,
    ...{ marginLeft: 12, marginRight: 34, marginTop: 20, marginBottom: AXIS },
    x: { type: 'log', domain: [1, 10 ** decades], label: null, ticks: decades, tickFormat: (ms: number) => tick(duration(ms)), grid: true },
    y: { domain: [-0.22, drawn.length - 0.35], reverse: true, axis: null },
    marks: [
      ruleY(drawn, { y: 'at', className: 'track-of' }),
      marksOf(drawn, true),
      marksOf(drawn, false),
      text(drawn, { ...label, y: 'at', text: 'name', textAnchor: 'start' }),
      shown(false),
      shown(true),
      text(
        drawn.filter(row => row.never > 0),
        { y: 'at', frameAnchor: 'right', dx: 28, textAnchor: 'end', text: row => `×${row.never}`, className: 'over-word' },
      ),
    ],
  })
}

/** One path for all: a mark of its own for each of thousands would make the page large. */
function marksOf(rows: readonly (DeviceRow & { at: number })[], wasOnline: boolean) {
  const corners = rows.flatMap(({ deliveries, at }) =>
    deliveries.flatMap(({ tookMs, wasOnline: was }) => {
      if (tookMs === undefined || was !== wasOnline) return []
      const x = Math.max(1, tookMs)
      return [
        { x, y: at - MARK },
        { x, y: at + MARK },
        { x: Number.NaN, y: at },
      ]
    }),
  )
  return lineY(corners, { x: 'x', y: 'y', className: wasOnline ? 'came' : 'came-later' })
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
