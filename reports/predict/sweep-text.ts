import { makespanMs } from '#predictor'
import { type Described, TIE_PERCENT } from '../../scenarios/predictor/described.ts'
import { loadOf } from '../../scenarios/predictor/offered-load.ts'
import { tableText } from '../../services/terminal/table.ts'
import { paragraph } from '../../services/terminal/text.ts'
import { listed } from '../words.ts'
import { assumptionsOf, modelLine, warningsOf } from './notes.ts'
import { METHOD } from './prediction-text.ts'
import type { Sweep } from './sweep.ts'
import { duration } from './text.ts'

/** A sweep as text, the best first. @param columns of the terminal; default: no wrapping */
export function sweepText(args: Described, { rows, best, ideal }: Sweep, columns = Number.POSITIVE_INFINITY): string {
  const { idealWaitMs } = best.figures
  const percent = (share: number) => `${share.toFixed(1)} %`
  const table = [['prefetch', 'p95 wait', 'longest wait', 'all done after', 'hoarding', 'round trip']]
  for (const { prefetch, figures, verdict } of rows) {
    const { waitMs, makespanMs: doneMs, strandedPercent } = figures
    const stranded = [percent(strandedPercent.hoarding), percent(strandedPercent.roundTrip)]
    const mark = verdict.name === 'OVERLOADED' ? '! ' : ''
    table.push([`${mark}${prefetch}`, duration(waitMs.p95), duration(waitMs.max), duration(doneMs), ...stranded])
  }
  table.push(['ideal', duration(idealWaitMs.p95), duration(idealWaitMs.max), duration(makespanMs(ideal)), '', ''])
  const load = loadOf(best.args)
  const p95 = `${duration(best.figures.waitMs.p95)}, ideal ${duration(idealWaitMs.p95)}`
  const tie = `p95 waits within ${TIE_PERCENT} % count as equal; the smaller prefetch is best then.`
  const above = [
    `BEST BY P95 WAIT: prefetch ${best.prefetch} (${p95}); ${tie}`,
    `With it: ${best.verdict.finding}`,
    ...warningsOf(load, best.held),
  ]
  const caution = args.start.kind === 'poisson' ? [DRAWN] : args.start.kind === 'trace' ? [] : [ENDS]
  const marked = rows.some(row => row.verdict.name === 'OVERLOADED') ? [MARKED] : []
  const late = rows.filter(row => row.held.tooLong.length > 0).map(row => String(row.prefetch))
  const below = [
    STRANDED,
    ...marked,
    ...(late.length > 0 && best.held.tooLong.length === 0 ? [lateText(late, best.held.timeoutMs)] : []),
    modelLine(args, load, 'each prefetch above'),
    ...assumptionsOf(best.args, best.verdict.name),
    ...caution,
    METHOD,
  ]
  const lines = (paragraphs: readonly string[]) => paragraphs.flatMap(text => paragraph(text, columns))
  return [...lines(above), '', tableText(table, { columns, figures: true }), '', ...lines(below)].join('\n')
}

const lateText = (prefetches: readonly string[], timeoutMs: number) =>
  `With prefetch ${listed(prefetches)} workers hold tasks for longer than RabbitMQ's consumer timeout of ${duration(timeoutMs)}: it takes them back, which those rows leave out.`

const STRANDED = "hoarding, round trip: GPU capacity that stood idle while tasks sat in another worker's buffer, or were on their way."
const MARKED = '!: overloaded with this prefetch; waits depend on --tasks alone.'
const DRAWN = 'These are one draw of arrivals: another --seed, or more --tasks, may name a neighbour.'
const ENDS = 'A burst says little about a service that goes on: its best prefetch depends on the load. Sweep with --start poisson:R/s.'
