import { dot, ruleY, text, tickX } from '@observablehq/plot'
import { plotted, tick } from '../chart/plot.ts'
import { type MeasureRow, rowText } from '../measures.ts'
import { quantity } from '../words.ts'
import type { Html } from './html.ts'

/** One measure in all arms: measured, predicted band, ideal and limit. Pure. */

const STEP = 44
const BAR = 18
const LABEL = 24
const AXIS = 26
/** Beyond this ratio of largest to smallest a linear scale would show one arm only. */
const LOGARITHMIC_FROM = 12

export function bandChart(label: string, rows: readonly { letter: string; name: string; row: MeasureRow }[]): Html {
  const arms = rows.map(({ row, ...arm }) => ({ ...arm, ...row, said: rowText(row).measured, over: row.limit?.verdict === 'fail' }))
  const values = arms.flatMap(({ measured, ideal, predicted, limit }) =>
    [measured, ideal, predicted?.low, predicted?.high, limit?.atMost].filter(value => value !== undefined),
  )
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const isLog = low > 0 && high / low > LOGARITHMIC_FROM
  const unit = arms[0]?.unit ?? 'number'
  const measured = (over: boolean) =>
    dot(
      arms.filter(arm => arm.over === over),
      { x: 'measured', y: 'letter', r: 5, className: over ? 'dot-over' : 'dot-in' },
    )
  const line = { y: 'letter', dy: -17 } as const
  return plotted({
    label: `${label}: ${arms.map(({ name, said }) => `${name} ${said}`).join(', ')}`,
    height: LABEL + (arms.length - 1) * STEP + BAR + AXIS,
    ...{ marginLeft: 14, marginRight: 14, marginTop: LABEL, marginBottom: AXIS },
    x: {
      type: isLog ? 'log' : 'linear',
      domain: [isLog ? low : Math.min(0, low), Math.max(high, low + 1e-9)],
      ...{ label: null, ticks: 4, tickFormat: (value: number) => tick(quantity(value, unit)) },
    },
    y: { type: 'band', domain: arms.map(({ letter }) => letter), paddingInner: 1 - BAR / STEP, axis: null },
    marks: [
      ruleY(arms, { y: 'letter', className: 'rule' }),
      ruleY(
        arms.filter(({ predicted }) => predicted !== undefined),
        { y: 'letter', x1: arm => arm.predicted.low, x2: arm => arm.predicted.high, className: 'band-of' },
      ),
      tickX(
        arms.filter(({ limit }) => limit !== undefined),
        { x: arm => arm.limit.atMost, y: 'letter', className: 'limit-of' },
      ),
      dot(
        arms.filter(({ ideal }) => ideal !== undefined),
        { x: 'ideal', y: 'letter', r: 4.5, symbol: 'diamond2', className: 'ideal' },
      ),
      measured(false),
      measured(true),
      text(arms, {
        ...line,
        frameAnchor: 'left',
        textAnchor: 'start',
        dx: -14,
        text: arm => `${arm.letter} ${arm.name}`,
        className: 'name',
      }),
      ...[false, true].map(over =>
        text(
          arms.filter(arm => arm.over === over),
          { ...line, frameAnchor: 'right', textAnchor: 'end', dx: 14, text: 'said', className: over ? 'over-word' : 'value' },
        ),
      ),
    ],
  })
}
