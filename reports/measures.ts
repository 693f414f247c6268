import type { Verdict } from '#evidence/finding'
import { MEASURES, measureNamed, type Unit } from '#evidence/measures'
import type { ArmDocument } from '#evidence/run-document'
import { counted, quantity } from './words.ts'

/** An arm's figures as rows: measured beside ideal, predicted and limit. Pure. */

export interface MeasureRow {
  measure: string
  label: string
  unit: Unit
  measured: number
  ideal: number | undefined
  predicted: { value: number; low: number; high: number } | undefined
  limit: RowLimit | undefined
}

/** What a check allowed the measure, in its unit. */
interface RowLimit {
  atMost: number
  check: string
  verdict: Verdict
}

/** The limit of a measure in an arm; undefined where no check of this arm sets one. */
export function limitOf({ checks }: Pick<ArmDocument, 'checks'>, measure: string): RowLimit | undefined {
  const [found] = checks.flatMap(({ name, verdict, limits }) =>
    limits.flatMap(limit => (limit.measure === measure ? [{ atMost: limit.atMost, check: name, verdict }] : [])),
  )
  return found
}

/** Measures for people, in order; counts are elsewhere. */
export function measureRows(arm: ArmDocument): MeasureRow[] {
  const known = MEASURES.flatMap(({ name, perWorker }) => (perWorker === true ? Object.keys(arm.measures).filter(isShare) : [name]))
  return known.flatMap(name => {
    const measure = measureNamed(name)
    const measured = arm.measures[name]
    if (measure === undefined || measured === undefined) return []
    const { label, unit, ideal } = measure
    return [
      {
        measure: name,
        label,
        unit,
        measured,
        ideal: ideal === undefined ? undefined : arm.measures[ideal],
        predicted: arm.predicted[name],
        limit: limitOf(arm, name),
      },
    ]
  })
}

const isShare = (name: string) => measureNamed(name)?.perWorker === true

/** Measures with a limit or a prediction. */
export function keyRows(arm: ArmDocument): MeasureRow[] {
  return measureRows(arm).filter(row => row.limit !== undefined || row.predicted !== undefined)
}

export function inBand({ measured, predicted }: MeasureRow): boolean | undefined {
  return predicted && measured >= predicted.low && measured <= predicted.high
}

export interface RowText {
  measured: string
  ideal: string
  predicted: string
  limit: string
}

/** A row in words; empty where there is nothing. */
export function rowText(row: MeasureRow): RowText {
  const say = (value: number) => quantity(value, row.unit)
  const { predicted, limit } = row
  return {
    measured: say(row.measured),
    ideal: row.ideal === undefined ? '' : say(row.ideal),
    predicted: predicted === undefined ? '' : `${say(predicted.value)} (${bandText(predicted.low, predicted.high, say)})`,
    limit: limit === undefined ? '' : say(limit.atMost),
  }
}

/** `200-310 ms`: the unit once where it is the same. */
function bandText(low: number, high: number, say: (value: number) => string): string {
  const [from, to] = [say(low), say(high)]
  const [, unit = ''] = /( \S+)$/.exec(from) ?? []
  return unit !== '' && to.endsWith(unit) ? `${from.slice(0, -unit.length)}–${to}` : `${from}–${to}`
}

/** An arm's counts in words: a prompt sent may never begin, a requeued one begins twice. */
export function countsText({ measures }: Pick<ArmDocument, 'measures'>): string {
  const { sends, prompts, inferences } = measures
  return [
    sends === undefined ? [] : `${counted(sends, 'message')} sent in all`,
    prompts === undefined ? [] : `${counted(prompts, 'prompt')} begun, warm-up not counted`,
    inferences === undefined ? [] : `${counted(inferences, 'inference request')} in all`,
  ]
    .flat()
    .join('; ')
}
