import type { Figures } from '../../scenarios/experiment/hour/figures.ts'
import { padded } from '../../services/terminal/text.ts'
import { type Ink, plainInk, spoken, styleOfWait } from './text.ts'

/** The last lines of the hour. Pure. */

const TABLE_COLUMNS = 50

export interface LastLines {
  /** The prediction, when the figures were measured. */
  beside?: readonly [Figures, Figures] | undefined
  /** Nothing follows from the figures: what contradicts, and what to type instead. */
  unknown?: { because: string; command: string } | undefined
  /** Default: none. */
  ink?: Ink
  /** Default 80. */
  columns?: number
}

/** The result: a heading and three or four lines in 80 columns; shorter in fewer. */
export function lastLines(
  titles: readonly string[],
  figures: readonly [Figures, Figures],
  { beside, unknown, ink = plainInk, columns = 80 }: LastLines = {},
): string[] {
  const row = (name: string, cells: readonly string[], remark: string) => {
    if (columns < TABLE_COLUMNS) return `${name === '' ? '' : `${name}: `}${cells.join(', ')}`
    const told = remark === '' || columns < 80 ? '' : `   ${remark}`
    return name.padEnd(18) + cells.map(cell => padded(cell, 14, 'right')).join('') + told
  }
  const percent = ({ strandedPercent: stranded }: Figures) => `${stranded.toFixed(0)} %`
  const p95 = ({ waitMs }: Figures) => spoken(waitMs.p95)
  const remark = (unmeasured: string, cell: (figures: Figures) => string) =>
    beside === undefined ? unmeasured : `predicted ${beside.map(cell).join(' and ')}`
  const waits = figures.map(one => ink(['bold', styleOfWait(one.waitMs.p95)], p95(one)))
  return [
    row('', titles, ''),
    row('p95 wait', waits, remark(`best possible ${spoken(figures[1].idealWaitMs.p95)}`, p95)),
    row('stranded capacity', figures.map(percent), remark('idle while people waited', percent)),
    ...conclusion(unknown, ink, columns),
  ]
}

function conclusion(unknown: LastLines['unknown'], ink: Ink, columns: number): string[] {
  if (unknown !== undefined)
    return [`No conclusion: ${unknown.because}.`, `This machine was too slow for the hour: ${ink('bold', unknown.command)}`]
  return [`${columns < TABLE_COLUMNS ? 'fix: ' : 'the fix, one line'.padEnd(24)}${ink(['bold', 'fresh'], 'await channel.prefetch(1)')}`]
}
