import type { ArmDocument } from '#evidence/run-document'
import { type MeasureRow, rowText } from '../measures.ts'
import { type Html, html, n } from './html.ts'
import { armLabel, chart, text } from './svg.ts'

/** One measure of all arms on one scale: value, predicted band, ideal, limit. Pure. */

const LABEL = 20
const BAR = 16
const STEP = LABEL + BAR + 10
/** Beyond this ratio of largest to smallest a linear scale would show one arm only. */
const LOGARITHMIC_FROM = 12

export function bandChart(label: string, rows: readonly { letter: string; arm: ArmDocument; row: MeasureRow }[]): Html {
  const scale = scaleOf(rows.map(({ row }) => row))
  const height = rows.length * STEP + (scale.logarithmic ? 12 : 0)
  const sentence = rows.map(({ arm, row }) => `${arm.name} ${rowText(row).measured}`).join(', ')
  return chart(height, `${label}: ${sentence}`, [
    ...rows.map(({ letter, arm, row }, i) => armRow(letter, arm, row, i * STEP, scale.at)),
    scale.logarithmic ? text(100, height - 3, 'logarithmic scale', 'key', 'end') : undefined,
  ])
}

interface Scale {
  at: (value: number) => number
  logarithmic: boolean
}

function scaleOf(rows: readonly MeasureRow[]): Scale {
  const values = rows.flatMap(({ measured, ideal, predicted, limit }) =>
    [measured, ideal, predicted?.low, predicted?.high, limit?.atMost].filter(value => value !== undefined),
  )
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const inside = (share: number) => 2 + 96 * Math.max(0, Math.min(1, share))
  if (low > 0 && high / low > LOGARITHMIC_FROM)
    return { logarithmic: true, at: value => inside(Math.log(value / low) / Math.log(high / low)) }
  const from = Math.min(0, low)
  return { logarithmic: false, at: value => inside((value - from) / Math.max(1e-9, high - from)) }
}

function armRow(letter: string, arm: ArmDocument, row: MeasureRow, y: number, at: (value: number) => number): Html {
  const { measured, predicted, ideal, limit } = row
  const middle = y + LABEL + BAR / 2
  const over = limit?.verdict === 'fail'
  return html`<g>${armLabel(letter, arm.name, y + 14)}${text(100, y + 14, rowText(row).measured, over ? 'over-word' : 'value', 'end')}
<line x1="2%" x2="98%" y1="${middle}" y2="${middle}" class="rule"/>${
    predicted &&
    html`<rect x="${n(at(predicted.low))}%" width="${n(Math.max(0.6, at(predicted.high) - at(predicted.low)))}%" y="${middle - 6}" height="12" rx="2" class="band"><title>predicted ${rowText(row).predicted}</title></rect>`
  }${
    limit &&
    html`<rect x="${n(at(limit.atMost))}%" width="2.5" y="${middle - 9}" height="18" class="limit"><title>limit ${rowText(row).limit}</title></rect>`
  }${ideal !== undefined && html`<svg x="${n(at(ideal))}%" y="${middle}" overflow="visible"><path d="M-5 0L0-5L5 0L0 5z" class="ideal"><title>ideal ${rowText(row).ideal}</title></path></svg>`}<circle cx="${n(at(measured))}%" cy="${middle}" r="5" class="${over ? 'dot-over' : 'dot-in'}"><title>measured ${rowText(row).measured}</title></circle></g>`
}
