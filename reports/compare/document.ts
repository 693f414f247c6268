import { letterOf } from '#evidence/typed'
import type { Curve } from '../chart/curve.ts'
import { counted, sentence } from '../words.ts'
import { differencesOf, type Meeting, meetingsOf, sameAs } from './meetings.ts'
import { type Change, METHOD, type Row, rowOf, sharedMeasures, WORDS } from './rows.ts'
import type { ComparedArm, Side } from './sides.ts'

/** A comparison as a document: the same runs give the same one. Pure. */

export interface Comparison {
  arm: string
  /** Which side stands against the first: 1 = the second. */
  side: number
  /** Those of every arm included. */
  differs: { name: string; from: string; to: string }[]
  rows: Row[]
  /** Checks whose verdicts differ. */
  checks: { name: string; from: string; to: string }[]
  /** For the page: all values of both sides, in milliseconds. */
  curves: { label: string; sides: Curve[] }[]
}

export interface CompareDocument {
  schemaVersion: 1
  kind: 'compare'
  verdict: Change | 'mixed'
  /** WORSE, BETTER, MIXED, CANNOT TELL. */
  word: string
  sentence: string
  command: string
  /** What was compared, in few words. */
  subject: string
  /** `sameAs`: letter of an earlier side that is the very same run; null where there is none. */
  sides: { letter: string; label: string; runs: string[]; sameAs: string | null }[]
  /** What differs between the sides in every arm that is compared. */
  differs: { name: string; values: string[] }[]
  comparisons: Comparison[]
  /** `text`: what this number of runs can show, and what the figures are. */
  method: { rows: number; confidencePercent: number; resamples: number; seed: number; text: string[] }
}

/** Of all rows together: each row's interval is as much wider. */
const ALPHA = 0.05

/** Throws BadRun where they cannot be compared. */
export function compareDocument(compared: readonly Side[], command: string): CompareDocument {
  const meetings = meetingsOf(compared)
  const sides = compared.map(({ label, runs: own }, i) => {
    const runs = own.map(run => run.label)
    return { letter: letterOf(i), label, runs, sameAs: sameAs(compared, i) }
  })
  const pairs = meetings.flatMap(({ names, sides: [from = [], ...others] }) =>
    others.map((to, i) => ({
      name: titleOf([names[0]!, names[i + 1]!]),
      side: i + 1,
      from,
      to,
      measures: sharedMeasures([...from, ...to]),
    })),
  )
  const rows = pairs.reduce((sum, { measures }) => sum + measures.length, 0)
  const comparisons = pairs.map(({ name, side, from, to, measures }): Comparison => {
    const labels = [sides[0]!, sides[side]!].map(({ letter, label }) => `${letter} ${label}`)
    return {
      arm: sides.length > 2 ? `${name}, ${sides[0]!.letter} → ${sides[side]!.letter}` : name,
      side,
      differs: differencesOf([from, to]).map(({ name: setting, values }) => ({ name: setting, from: values[0]!, to: values[1]! })),
      rows: measures.map(measure => rowOf(measure, from, to, ALPHA / rows)),
      checks: checksOf(from, to),
      curves: measures.flatMap(measure => curvesOf(measure, [from, to], labels)),
    }
  })
  const verdict = verdictOf(comparisons.flatMap(each => each.rows))
  return {
    ...{ schemaVersion: 1, kind: 'compare', verdict, word: WORDS[verdict].toUpperCase(), sentence: sentenceOf(comparisons, sides) },
    ...{ command, subject: subjectOf(meetings), sides, differs: everywhere(meetings), comparisons },
    method: { rows, confidencePercent: 100 * (1 - ALPHA), ...METHOD, text: methodText(comparisons, rows) },
  }
}

/** `prefetch 1 → prefetch 250`, or the name once where it is the same. */
function titleOf(names: readonly string[]): string {
  return new Set(names).size === 1 ? names[0]! : names.join(' → ')
}

function verdictOf(rows: readonly Row[]): CompareDocument['verdict'] {
  const some = (verdict: Change) => rows.some(row => row.verdict === verdict)
  if (some('improved') && some('regressed')) return 'mixed'
  return (['improved', 'regressed', 'no detectable change'] as const).find(some) ?? 'too noisy'
}

function checksOf(from: readonly ComparedArm[], to: readonly ComparedArm[]): Comparison['checks'] {
  const names = [...new Set([...from, ...to].flatMap(arm => arm.checks.map(({ name }) => name)))]
  const say = (side: readonly ComparedArm[], name: string) =>
    [...new Set(side.map(arm => arm.checks.find(check => check.name === name)?.verdict ?? 'not judged'))].join(', ')
  return names.map(name => ({ name, from: say(from, name), to: say(to, name) })).filter(each => each.from !== each.to)
}

function curvesOf(measure: string, meeting: readonly (readonly ComparedArm[])[], labels: readonly string[]): Comparison['curves'] {
  const figures = meeting.map(side => side.flatMap(arm => arm.figures.filter(({ name }) => name === measure)))
  const values = figures.map(side => side.flatMap(({ curve = [] }) => [...curve]))
  const sides = values.map((own, i) => ({ name: labels[i]!, kind: `line-${'ab'[i]}`, values: own }))
  return values.some(({ length }) => length === 0) ? [] : [{ label: figures[0]![0]!.about, sides }]
}

function subjectOf([first, ...others]: readonly Meeting[]): string {
  const names = new Set(first!.sides.flat().map(({ facts }) => facts.get('scenario') ?? `load ${facts.get('workload')}`))
  return others.length === 0 && new Set(first!.names).size > 1 ? titleOf(first!.names) : [...names].join(' and ')
}

/** Differences that all pairs share, listed once. */
function everywhere(meetings: readonly Meeting[]): CompareDocument['differs'] {
  const [first = [], ...others] = meetings.map(({ sides }) => differencesOf(sides))
  return first.filter(each => others.every(list => list.some(other => JSON.stringify(other) === JSON.stringify(each))))
}

/** The first of the changed figures; then the largest effect. */
const HEADLINES = ['waitP95Ms', 'latencyP99Ms', 'latencyP50Ms', 'deliveryP95Ms']
const rankOf = ({ measure }: Row) => (HEADLINES.indexOf(measure) + HEADLINES.length + 1) % (HEADLINES.length + 1)
const sizeOf = ({ effectPercent }: Row) => Math.abs(Math.log(1 + effectPercent / 100))

/** In place of an empty list of figures. */
export const NO_FIGURE = 'No figure has enough samples on all sides.'

function sentenceOf(comparisons: readonly Comparison[], sides: CompareDocument['sides']): string {
  const rows = comparisons.flatMap(({ arm, rows: own }) => own.map(row => ({ ...row, arm })))
  if (rows.length === 0) return NO_FIGURE
  const counts = [...Map.groupBy(rows, ({ words }) => words.verdict)].map(([word, { length }]) => `${word} ${length}`)
  const all = `Of ${counted(rows.length, 'figure')}: ${counts.sort().reverse().join(', ')}.`
  const [first] = rows.filter(({ detail }) => detail === '').sort((a, b) => rankOf(a) - rankOf(b) || sizeOf(b) - sizeOf(a))
  const { fromTo, effect, interval } = first?.words ?? {}
  if (first !== undefined) return `${first.arm}: ${first.label} ${fromTo}, ${effect} (95 %: ${interval}). ${all}`
  const noisy = rows.find(({ verdict }) => verdict === 'too noisy')
  if (noisy !== undefined) return `${all} ${sentence(noisy.detail)}`
  const [near] = rows.filter(({ runsMore }) => runsMore !== null).sort((a, b) => a.runsMore! - b.runsMore!)
  if (near !== undefined) return `${all} ${sentence(`${near.label} ${near.words.effect}: ${near.detail}`)}`
  return sides.some(each => each.sameAs !== null) ? `${all} ${sentence(nothingDiffers(sides))}` : all
}

export function sideText({ label, runs }: CompareDocument['sides'][number]): string {
  return runs.length > 1 ? `${label}: ${runs.join(', ')}` : label
}

/** What differs in an arm alone, and checks that say something else. */
export function notesOf({ differs, checks }: Pick<Comparison, 'differs' | 'checks'>, shared: CompareDocument['differs']): string[] {
  const own = differs.filter(({ name }) => !shared.some(other => other.name === name))
  return [...own, ...checks.map(each => ({ ...each, name: `check ${each.name}` }))].map(({ name, from, to }) => `${name}: ${from} → ${to}`)
}

/** In place of an empty list of differences. */
export function nothingDiffers(sides: CompareDocument['sides']): string {
  const same = sides.flatMap(({ letter, sameAs: other }) => (other === null ? [] : [`${letter} is the same run as ${other}`]))
  return same.length === 0 ? 'nothing that is recorded: same settings, versions, commit and seed' : same.join('; ')
}

function methodText(comparisons: readonly Comparison[], count: number): string[] {
  const percent = ({ label, allowance }: Row) => (allowance === null ? [] : [`${label} ${allowance.percent.toFixed(0)} %`])
  const allowed = [...new Set(comparisons.flatMap(({ rows }) => rows.flatMap(percent)))]
  const few = `So few runs a side show only changes beyond what the machine does from run to run (assumed, two runs in three: ${allowed.join(', ')}); more runs (A1,A2,A3 B1,B2,B3) show smaller ones.`
  const how = `Each run counts with one value a figure. The intervals are bootstraps of these values (${METHOD.resamples} draws, seed ${METHOD.seed}), and hold for all ${count} figures together with ${100 * (1 - ALPHA)} % confidence.`
  return allowed.length === 0 ? [how] : [few, how]
}
