import type { Change, CompareDocument, Comparison, Row } from './document.ts'
import { RUNS_ENOUGH } from './effect.ts'
import { valueText } from './measure.ts'

/** The words of a comparison, the same on a terminal, in Markdown and on the page. Pure. */

/** `+23 %`, `-4.1 %`, `+3310 %`. */
export function percentText(percent: number): string {
  const size = Math.abs(percent)
  const sign = percent < 0 ? '−' : '+'
  return `${sign}${size < 9.95 ? size.toFixed(1) : size.toFixed(0)} %`
}

export function intervalText({ intervalPercent: [low, high] }: Row): string {
  return `${percentText(low).replace(' %', '')} to ${percentText(high)}`
}

export function fromToText({ from, to, unit }: Row): string {
  return `${valueText(from, unit)} → ${valueText(to, unit)}`
}

/** Where a percentage is hard to picture. */
const TIMES_FROM = 1.5

/** `+23 %`; beyond that with the factor: `+3310 %, 34 times as much`. */
export function effectText({ effectPercent }: Row): string {
  const ratio = 1 + effectPercent / 100
  if (ratio >= TIMES_FROM) return `${percentText(effectPercent)}, ${ratio.toFixed(ratio < 10 ? 1 : 0)} times as much`
  if (ratio <= 1 / TIMES_FROM) return `${percentText(effectPercent)}, ${(1 / ratio).toFixed(1 / ratio < 10 ? 1 : 0)} times less`
  return percentText(effectPercent)
}

const HEADLINES = ['waitP95Ms', 'latencyP99Ms', 'latencyP50Ms', 'deliveryP95Ms']

/** Of what changed, what is told first: waits before rates, the largest effect among them. */
export function headlineOf({ comparisons }: Pick<CompareDocument, 'comparisons'>): { comparison: Comparison; row: Row } | undefined {
  const changed = comparisons.flatMap(comparison =>
    comparison.rows.filter(({ verdict }) => isChange(verdict)).map(row => ({ comparison, row })),
  )
  const rankOf = ({ row }: { row: Row }) => (HEADLINES.indexOf(row.measure) + HEADLINES.length + 1) % (HEADLINES.length + 1)
  const size = ({ row }: { row: Row }) => Math.abs(Math.log(1 + row.effectPercent / 100))
  return changed.sort((a, b) => rankOf(a) - rankOf(b) || size(b) - size(a))[0]
}

export const isChange = (verdict: Change) => verdict === 'improved' || verdict === 'regressed'

export function verdictSentence(document: CompareDocument): string {
  const rows = document.comparisons.flatMap(each => each.rows)
  const count = (verdict: Change) => rows.filter(row => row.verdict === verdict).length
  const counts = (['improved', 'regressed', 'no detectable change', 'too noisy'] as const)
    .filter(verdict => count(verdict) > 0)
    .map(verdict => `${count(verdict)} ${verdict}`)
    .join(', ')
  const headline = headlineOf(document)
  const all = `Of ${rows.length} figures: ${counts || 'none could be compared'}.`
  if (headline === undefined) {
    const noisy = rows.find(({ verdict }) => verdict === 'too noisy')
    return document.verdict === 'too noisy' && noisy !== undefined ? `${all} ${noisy.detail}.` : all
  }
  const { comparison, row } = headline
  return `${comparison.arm}: ${row.label} ${fromToText(row)} (${effectText(row)}; 95 % interval ${intervalText(row)}). ${all}`
}

/** In place of a list of differences. */
export function nothingDiffers(sides: CompareDocument['sides']): string {
  const same = sides.filter(({ sameAs }) => sameAs !== null)
  if (same.length === 0) return 'nothing that is recorded: same settings, versions, commit and seed'
  return same.map(({ letter, sameAs }) => `nothing: ${letter} is the same run as ${sameAs}, held against itself`).join('; ')
}

/** How the figures were come by; what is allowed for, and where that comes from. */
export function methodLines({ method, comparisons }: CompareDocument): string[] {
  const { rows, confidencePercent, resamples, seed } = method
  const alone = 100 - (100 - confidencePercent) / Math.max(1, rows)
  return [
    `Percentiles are worked out of the single waits of each run, not of its two figures. Runs of a side are drawn with replacement, and in each of them twentieths of its time (${resamples} times, seed ${seed}: the same runs give the same figures), so that neighbours that waited in one queue are drawn together.`,
    `The intervals hold together, for all ${rows} figures, with ${confidencePercent} % confidence: each alone with ${alone.toFixed(2)} %, so that many figures raise no more false alarms than one.`,
    ...allowances(comparisons.flatMap(each => each.rows)),
    ...FALSE_ALARMS,
  ]
}

/** One line for each source of allowances that was used. */
function allowances(rows: readonly Row[]): string[] {
  const used = rows.flatMap(({ label, allowance }) => (allowance === null ? [] : [{ label, ...allowance }]))
  return [...Map.groupBy(used, ({ source }) => source)].map(([source, own]) => {
    const each = [...new Set(own.map(({ label, percent }) => `${label} ${percent.toFixed(0)} %`))].join(', ')
    return `A machine is not as fast from run to run, and one run cannot show it. Where a side has fewer than ${RUNS_ENOUGH} runs, each is allowed to lie off by a factor of which two runs in three stay within: ${each} (${source}). More runs on a side (FOLDER,FOLDER,…) narrow the interval.`
  })
}

/** `npm run report -- compare --alarms FOLDER…` over the stored runs. */
const FALSE_ALARMS = [
  'How often it is wrong, measured over stored quick runs, one against one: none of 270 pairs of one commit with different seeds was said to have changed (6 scenarios, 10 runs each: the runs that the allowances were measured on, which were widened after 7 alarms with narrower ones), none of 235 pairs with runs of neighbouring commits that they were not measured on, none of 54 such pairs with the same seed, none of 12 pairs of load tests.',
  'How often it sees something: the p95 wait of prefetch 250 against prefetch 1 at 80 % load was found longer in 10 of 10 runs, and in 90 of 90 pairs across seeds; at 50 % load in 10 of 10 and in 72 of 90.',
]
