import { makespanMs, orderOf } from '#predictor'
import { duration } from '../predict/text.ts'
import type { Answer, SideAnswer } from './answer.ts'

/** The final figures of both settings, for the table and for CSV. Pure. */

export interface FigureRow {
  name: string
  /** The unit that CSV names. */
  unit: 'ms' | 'percent' | 'tasks'
  a: number
  b: number
  /** First-in first-out without gap, on the same draws. */
  ideal: number | undefined
}

export function figureRows({ sides }: Answer, sloMs: number): FigureRow[] {
  const [a, b] = sides
  const row = (name: string, unit: FigureRow['unit'], of: (side: SideAnswer) => number, ideal?: number): FigureRow => ({
    name,
    unit,
    a: of(a),
    b: of(b),
    ideal,
  })
  const { ideal, figures } = a.prediction
  const waits = figures.idealWaitMs
  const late = ideal.filter(({ publishedMs, startedMs }) => startedMs - publishedMs > sloMs).length
  const wait = (name: string, key: 'p50' | 'p95' | 'max') => row(name, 'ms', side => side.prediction.figures.waitMs[key], waits[key])
  return [
    wait('wait, p95', 'p95'),
    wait('wait, half of all', 'p50'),
    wait('wait, longest', 'max'),
    row(`waits over ${duration(sloMs)}`, 'percent', side => side.latePercent, (100 * late) / ideal.length),
    row('GPUs idle while tasks sit in another buffer', 'percent', side => side.prediction.figures.strandedPercent.hoarding, 0),
    row('GPUs idle while a task is on its way', 'percent', side => side.prediction.figures.strandedPercent.roundTrip),
    row(
      'most newer tasks that ended before one',
      'tasks',
      side => side.prediction.figures.maxOvertakes,
      orderOf(ideal.map(({ endedMs }) => endedMs)).maxOvertakes,
    ),
    row('all done after', 'ms', side => side.prediction.figures.makespanMs, makespanMs(ideal)),
  ]
}

export function told(value: number | undefined, unit: FigureRow['unit']): string {
  if (value === undefined) return '–'
  if (unit === 'ms') return duration(value)
  return unit === 'percent' ? `${value.toFixed(value > 0 && value < 10 ? 1 : 0)} %` : String(value)
}

/** Figures first, then every task: when it came, began and ended on either side. */
export function csvOf(answer: Answer, sloMs: number): string {
  const rows = figureRows(answer, sloMs).map(({ name, unit, a, b, ideal }) => [`"${name}"`, unit, a, b, ideal ?? ''].join(','))
  const [a, b] = answer.sides.map(({ prediction }) => prediction.schedule)
  const tasks = a!.map((one, i) => {
    const other = b![i]!
    return [
      one.task,
      one.publishedMs,
      one.worker,
      one.deliveredMs,
      one.startedMs,
      one.endedMs,
      other.worker,
      other.deliveredMs,
      other.startedMs,
      other.endedMs,
    ].join(',')
  })
  const heads = ['a', 'b'].map(side => ['worker', 'deliveredMs', 'startedMs', 'endedMs'].map(name => `${side}.${name}`).join(','))
  return `figure,unit,a,b,ideal\n${rows.join('\n')}\n\ntask,publishedMs,${heads.join(',')}\n${tasks.join('\n')}\n`
}
