import type { ArmDocument } from '#evidence/run-document'
import { type Limit, limitOf } from './limits.ts'
import { counted, quantity, type Unit } from './words.ts'

/** An arm's figures as rows: measured beside ideal, predicted and limit. Pure. */

export interface MeasureRow {
  measure: string
  label: string
  unit: Unit
  measured: number
  ideal: number | undefined
  predicted: { value: number; low: number; high: number } | undefined
  limit: Limit | undefined
}

interface Known {
  label: string
  unit: Unit
  ideal?: string
}

/** In the order in which they are shown. */
const KNOWN: Record<string, Known> = {
  waitP95Ms: { label: 'p95 wait', unit: 'ms', ideal: 'idealWaitP95Ms' },
  waitP50Ms: { label: 'median wait', unit: 'ms' },
  waitMaxMs: { label: 'longest wait', unit: 'ms' },
  makespanMs: { label: 'all done after', unit: 'ms', ideal: 'idealMakespanMs' },
  excessOvertakes: { label: 'overtaken beyond ideal', unit: 'number' },
  overtakenP95Ms: { label: 'p95 overtaken for', unit: 'ms' },
  maxOvertakes: { label: 'overtaken most, by', unit: 'number' },
  tau: { label: 'order kept (tau)', unit: 'number' },
  strandedHoardingPercent: { label: 'idle by hoarding', unit: 'percent' },
  strandedRoundTripPercent: { label: 'idle by round trip', unit: 'percent' },
  gapP50Ms: { label: 'hand-over, median', unit: 'ms' },
  gapMeanMs: { label: 'hand-over, mean', unit: 'ms' },
  sentLateP99Ms: { label: 'p99 sent late by', unit: 'ms' },
  rawDuplicates: { label: 'raw duplicates', unit: 'number' },
  gapsAsked: { label: 'gaps asked for', unit: 'number' },
}

const SHARE = /^shareOf(.+)Percent$/

function knownOf(measure: string): Known | undefined {
  const share = SHARE.exec(measure)?.[1]
  if (share === undefined) return KNOWN[measure]
  const worker = share.replace(/[A-Z]/g, (letter, at: number) => `${at === 0 ? '' : '-'}${letter.toLowerCase()}`)
  return { label: `share of ${worker}`, unit: 'percent' }
}

/** Every measure that a person reads, in order; counts are told elsewhere. */
export function measureRows(arm: ArmDocument): MeasureRow[] {
  const shares = Object.keys(arm.measures).filter(name => SHARE.test(name))
  return [...Object.keys(KNOWN), ...shares].flatMap(measure => {
    const known = knownOf(measure)
    const measured = arm.measures[measure]
    if (known === undefined || measured === undefined) return []
    return [
      {
        measure,
        label: known.label,
        unit: known.unit,
        measured,
        ideal: known.ideal === undefined ? undefined : arm.measures[known.ideal],
        predicted: arm.predicted[measure],
        limit: limitOf(arm, measure),
      },
    ]
  })
}

/** Those that something was said about before: a limit or a prediction. */
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

/** What an arm counted, in words, each of which is something else: a prompt that nobody ever began was sent, and one that was given back is asked for again. */
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
