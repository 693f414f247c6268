import { makespanMs, orderOf, type Prediction, sharesOf } from '#predictor'
import type { Described } from '../../scenarios/predictor/described.ts'
import { loadOf } from '../../scenarios/predictor/offered-load.ts'
import type { OtherSeeds } from '../../scenarios/predictor/other-seeds.ts'
import { tableText } from '../../services/terminal/table.ts'
import { paragraph } from '../../services/terminal/text.ts'
import { heldOf } from './held.ts'
import { assumptionsOf, modelLine, warningsOf } from './notes.ts'
import { duration } from './text.ts'
import { verdictOf } from './verdict.ts'

/** Shares of more workers than fit stand below the table. */
const SHARES_COLUMNS = 20

export const METHOD =
  'Waits run to the start of the answer, order is counted by completion. Ideal: the same tasks and GPUs first-in first-out, no gap between inferences.'

function otherSeedsText({ seeds, lowMs, highMs }: OtherSeeds): string {
  return `With ${seeds} other seeds the p95 wait is ${duration(lowMs)} to ${duration(highMs)}.`
}

/** The result for a person: what it means first, then the figures, then what it rests on.
 *  @param columns of the terminal; default: a paragraph is one line */
export function predictionText(
  args: Described,
  prediction: Prediction,
  columns = Number.POSITIVE_INFINITY,
  otherSeeds?: OtherSeeds,
): string {
  const { figures, ideal, workers } = prediction
  const { waitMs, idealWaitMs, strandedPercent } = figures
  const idealOrder = orderOf(ideal.map(({ endedMs }) => endedMs))
  const [shares, idealShares] = [figures.shares.join(' / '), sharesOf(ideal, workers).join(' / ')]
  const wide = Math.max(shares.length, idealShares.length) > SHARES_COLUMNS
  const rows = [
    ['', 'predicted', 'ideal'],
    ['wait, mean', duration(waitMs.mean), duration(idealWaitMs.mean)],
    ['wait, p50', duration(waitMs.p50), duration(idealWaitMs.p50)],
    ['wait, p95', duration(waitMs.p95), duration(idealWaitMs.p95)],
    ['wait, longest', duration(waitMs.max), duration(idealWaitMs.max)],
    ['all done after', duration(figures.makespanMs), duration(makespanMs(ideal))],
    ...(wide ? [] : [['tasks per worker', shares, idealShares]]),
    ['overtaken most, by tasks', String(figures.maxOvertakes), String(idealOrder.maxOvertakes)],
    ['order (tau, 1 = kept)', figures.tau.toFixed(3), idealOrder.tau.toFixed(3)],
    ['pairs inverted', String(figures.inversions), String(idealOrder.inversions)],
    ['stranded by hoarding', `${strandedPercent.hoarding.toFixed(1)} %`, ''],
    ['stranded by the round trip', `${strandedPercent.roundTrip.toFixed(1)} %`, ''],
  ]
  const load = loadOf(args)
  const { name, text } = verdictOf(args, prediction, load)
  const above = [text, ...warningsOf(load, heldOf(args, prediction))]
  const told = wide ? [`Tasks per worker: ${shares}. Ideal: ${idealShares}.`] : []
  const chance = otherSeeds === undefined ? [] : [otherSeedsText(otherSeeds)]
  const below = [...told, ...chance, modelLine(args, load), ...assumptionsOf(args, name), METHOD]
  const lines = (paragraphs: readonly string[]) => paragraphs.flatMap(text => paragraph(text, columns))
  return [...lines(above), '', tableText(rows, { columns, figures: true }), '', ...lines(below)].join('\n')
}
