import type { Verdict } from '#evidence/finding'
import { MEASURES, shareOf, type Unit } from '#evidence/measures'
import type { ArmDocument } from '#evidence/run-document'
import { counted, quantity, quantityParts } from './words.ts'

/** An arm's figures as rows: measured beside ideal, predicted and limit. Pure. */

export interface MeasureRow {
  measure: string
  label: string
  unit: Unit
  measured: number
  ideal: number | undefined
  predicted: { value: number; low: number; high: number } | undefined
  limit: RowLimit | undefined
  /** The arm's time scale, where it divides the measure. */
  timeScale?: number
}

/** What a check allowed the measure, in its unit. */
interface RowLimit {
  value: number
  atMost: number
  check: string
  verdict: Verdict
}

/** The limit of a measure in an arm; undefined where no check of this arm sets one. */
export function limitOf({ checks }: Pick<ArmDocument, 'checks'>, measure: string): RowLimit | undefined {
  const [found] = checks.flatMap(({ name, verdict, limits }) =>
    limits.flatMap(limit => (limit.measure === measure ? [{ value: limit.value, atMost: limit.atMost, check: name, verdict }] : [])),
  )
  return found
}

/** Measures for people, in order; counts are elsewhere. */
export function measureRows(arm: ArmDocument): MeasureRow[] {
  const known = [...MEASURES, ...arm.facts.workers.map(({ name }) => shareOf(name))]
  return known.flatMap(({ name, label, unit, ideal, ofGpus }) => {
    const limit = limitOf(arm, name)
    const measured = arm.measures[name] ?? limit?.value
    if (measured === undefined) return []
    return [
      {
        measure: name,
        label,
        unit,
        measured,
        ideal: ideal === undefined ? undefined : arm.measures[ideal],
        predicted: arm.predicted[name],
        limit,
        ...(ofGpus === true && arm.timeScale > 1 ? { timeScale: arm.timeScale } : {}),
      },
    ]
  })
}

/** Measures with a limit or a prediction. */
export function keyRows(arm: ArmDocument): MeasureRow[] {
  return measureRows(arm).filter(row => row.limit !== undefined || row.predicted !== undefined)
}

/** A row in GPU time, where a time scale divided it; else as it is. */
export function inGpuTime(row: MeasureRow): MeasureRow {
  const { timeScale = 1, measured, ideal, predicted, limit } = row
  if (timeScale === 1) return row
  const band = predicted && { value: predicted.value * timeScale, low: predicted.low * timeScale, high: predicted.high * timeScale }
  const bound = limit && { ...limit, value: limit.value * timeScale, atMost: limit.atMost * timeScale }
  return {
    ...row,
    measured: measured * timeScale,
    ideal: ideal === undefined ? undefined : ideal * timeScale,
    predicted: band,
    limit: bound,
  }
}

/** Rows for people: what a time scale divided stands in GPU time, then as it passed. */
export function clockedRows(rows: readonly MeasureRow[], wallLabel = (_: MeasureRow) => '  on the wall'): MeasureRow[] {
  return rows.flatMap(row => (row.timeScale === undefined ? [row] : [inGpuTime(row), { ...row, label: wallLabel(row) }]))
}

/** What stands above such rows; empty where clocks do not differ. */
export function clockText(rows: readonly MeasureRow[]): string {
  const scale = rows.find(({ timeScale }) => timeScale !== undefined)?.timeScale
  return scale === undefined ? '' : `GPU time (wall x ${scale})`
}

export function inBand({ measured, predicted }: MeasureRow): boolean | undefined {
  return predicted && measured >= predicted.low && measured <= predicted.high
}

/** What was measured, on both clocks where they differ. */
export function measuredText(row: MeasureRow): string {
  const { measured } = rowText(row)
  return row.timeScale === undefined ? measured : `${rowText(inGpuTime(row)).measured} of GPU time (${measured})`
}

export interface RowText {
  measured: string
  ideal: string
  /** The value with its band: `240 ms (200–310 ms)`. */
  predicted: string
  band: string
  limit: string
}

/** A row in words; empty where there is nothing. */
export function rowText(row: MeasureRow): RowText {
  const say = (value: number) => quantity(value, row.unit)
  const { predicted, limit } = row
  const band = predicted === undefined ? '' : `(${bandText(predicted, row.unit)})`
  return {
    measured: say(row.measured),
    ideal: row.ideal === undefined ? '' : say(row.ideal),
    predicted: predicted === undefined ? '' : `${say(predicted.value)} ${band}`,
    band,
    limit: limit === undefined ? '' : say(limit.atMost),
  }
}

/** `200-310 ms`: the unit once where it is the same. */
export function bandText({ low, high }: { low: number; high: number }, unit: Unit): string {
  const [from, to] = [quantityParts(low, unit), quantityParts(high, unit)]
  return `${from.unit === to.unit ? from.figure : quantity(low, unit)}–${quantity(high, unit)}`
}

/** An arm's counts in words: a prompt sent may never begin, a requeued one begins twice. */
export function countsText({ measures }: Pick<ArmDocument, 'measures'>): string {
  const { sends, prompts, inferences } = measures
  return [
    !sends ? [] : `${counted(sends, 'message')} sent in all`,
    prompts === undefined ? [] : `${counted(prompts, 'prompt')} begun, warm-up not counted`,
    !inferences ? [] : `${counted(inferences, 'inference request')} in all`,
  ]
    .flat()
    .join('; ')
}
