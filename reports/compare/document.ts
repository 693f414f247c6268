import { letterOf } from '../words.ts'
import { refuseMixedSides, refuseOtherWork, refuseSameRuns, sameAs } from './alike.ts'
import { type ComparedArm, differencesOf, type Meeting, meetingsOf, type Side, titleOf } from './compared.ts'
import { allowanceOf } from './drift.ts'
import { effectOf, RUNS_ENOUGH } from './effect.ts'
import { measured } from './estimator.ts'
import type { Comparable } from './measure.ts'
import { seedOf } from './random.ts'

/** A comparison as a document: what differs, by how much, how surely. Pure: the same runs give the same document. */

export const COMPARE_SCHEMA_VERSION = 1

export type Change = 'improved' | 'regressed' | 'no detectable change' | 'too noisy'

export interface Row {
  measure: string
  label: string
  about: string
  unit: Comparable['unit']
  better: Comparable['better']
  /** Of the first side and of the other: the geometric mean over its runs. */
  from: number
  to: number
  effectPercent: number
  intervalPercent: [number, number]
  verdict: Change
  /** Why, where it needs a word. */
  detail: string
  runs: [number, number]
  samples: [number, number]
  /** By how much runs of one commit lie apart, two in three; null where the runs of each side show it themselves. */
  allowance: { percent: number; source: string } | null
}

export interface Comparison {
  arm: string
  /** Which side stands against the first: 1 = the second. */
  side: number
  differs: { name: string; from: string; to: string }[]
  rows: Row[]
  /** Checks that say something else. */
  checks: { name: string; from: string; to: string }[]
  curves: { label: string; about: string; sides: { label: string; values: readonly number[] }[] }[]
}

export interface CompareDocument {
  schemaVersion: typeof COMPARE_SCHEMA_VERSION
  kind: 'compare'
  verdict: Change | 'mixed'
  command: string
  /** What was compared, in few words. */
  subject: string
  /** `sameAs`: letter of an earlier side that is the very same run; null where there is none. */
  sides: { letter: string; label: string; runs: string[]; sameAs: string | null }[]
  /** What differs between the sides in every arm that is compared. */
  differs: { name: string; values: string[] }[]
  comparisons: Comparison[]
  method: { rows: number; confidencePercent: number; resamples: number; seed: number }
}

/** Fewer say nothing of a percentile. */
const SAMPLES_LEAST = 20
const RESAMPLES = 4_000
/** Of all rows together: each row's interval is as much wider. */
const ALPHA = 0.05

/** Throws NothingShared or NotComparable. */
export function compareDocument(sides: readonly Side[], command: string): CompareDocument {
  refuseSameRuns(sides)
  refuseOtherWork(sides)
  const meetings = meetingsOf(sides)
  refuseMixedSides(meetings)
  const seed = seedOf(sides.map(side => side.runs.map(run => run.label).join()).join(';'))
  const pairs = meetings.flatMap(meeting => sides.slice(1).map((_, i) => ({ meeting, side: i + 1 })))
  const shared = pairs.map(({ meeting, side }) => sharedMeasures(meeting.sides[0]!, meeting.sides[side]!))
  const rows = shared.reduce((sum, measures) => sum + measures.length, 0)
  const alpha = ALPHA / Math.max(1, rows)
  const comparisons = pairs.map(({ meeting, side }, i): Comparison => {
    const [from, to] = [meeting.sides[0]!, meeting.sides[side]!]
    return {
      arm: titleOf([meeting.names[0]!, meeting.names[side]!]),
      side,
      differs: differencesOf([from, to]).map(({ name, values }) => ({ name, from: values[0]!, to: values[1]! })),
      rows: shared[i]!.map(measure => rowOf(measure, from, to, alpha, seed)),
      checks: checksOf(from, to),
      curves: curvesOf(
        from,
        to,
        [0, side].map(at => `${letterOf(at)} ${sides[at]!.label}`),
      ),
    }
  })
  return {
    schemaVersion: COMPARE_SCHEMA_VERSION,
    kind: 'compare',
    verdict: verdictOf(comparisons.flatMap(each => each.rows)),
    command,
    subject: subjectOf(meetings),
    sides: sides.map(({ label, runs }, i) => ({
      letter: letterOf(i),
      label,
      runs: runs.map(run => run.label),
      sameAs: sameAs(sides, i) ?? null,
    })),
    differs: everywhere(meetings),
    comparisons,
    method: { rows, confidencePercent: 100 * (1 - ALPHA), resamples: RESAMPLES, seed },
  }
}

/** Of which at least one run has enough to say something. */
function sharedMeasures(from: readonly ComparedArm[], to: readonly ComparedArm[]): string[] {
  const every = [...from, ...to]
  return (
    (from[0]?.measures ?? [])
      .map(({ measure }) => measure)
      .filter(name => every.every(arm => measureOf(arm, name) !== undefined))
      .filter(name => every.some(arm => measureOf(arm, name)!.estimator.samples >= SAMPLES_LEAST))
      // Of nothing there is no ratio.
      .filter(name => every.every(arm => measured(measureOf(arm, name)!.estimator) > 0))
  )
}

const measureOf = (arm: ComparedArm, name: string) => arm.measures.find(each => each.measure === name)

function rowOf(name: string, from: readonly ComparedArm[], to: readonly ComparedArm[], alpha: number, seed: number): Row {
  const [a, b] = [from, to].map(side => side.map(arm => measureOf(arm, name)!.estimator)) as [
    Comparable['estimator'][],
    Comparable['estimator'][],
  ]
  const { measure, label, about, unit, better } = measureOf(from[0]!, name)!
  const { deviation, source } = allowanceOf(measure, isSameSeed([...from, ...to]))
  const effect = effectOf(a, b, { seed: seed ^ seedOf(name), drift: deviation, alpha, resamples: RESAMPLES })
  const percent = (ratio: number) => 100 * (ratio - 1)
  const samples = [a, b].map(side => side.reduce((sum, each) => sum + each.samples, 0)) as [number, number]
  const isAllowed = Math.min(a.length, b.length) < RUNS_ENOUGH
  return {
    ...{ measure, label, about, unit, better, from: effect.from, to: effect.to, samples },
    effectPercent: percent(effect.ratio),
    intervalPercent: [percent(effect.low), percent(effect.high)],
    ...judged(effect, better, [...from, ...to], Math.min(...a.map(each => each.samples), ...b.map(each => each.samples))),
    runs: [a.length, b.length],
    allowance: isAllowed ? { percent: percent(Math.exp(deviation)), source } : null,
  }
}

/** The same draws on both sides. */
function isSameSeed(arms: readonly ComparedArm[]): boolean {
  return new Set(arms.map(arm => `${arm.facts.get('scenario') ?? arm.facts.get('workload')} ${arm.facts.get('seed')}`)).size === 1
}

function judged(
  { ratio, low, high }: { ratio: number; low: number; high: number },
  better: Row['better'],
  arms: readonly ComparedArm[],
  samples: number,
): Pick<Row, 'verdict' | 'detail'> {
  const noisy = arms.find(arm => arm.noisy !== undefined)?.noisy
  if (noisy !== undefined) return { verdict: 'too noisy', detail: noisy }
  if (samples < SAMPLES_LEAST) return { verdict: 'too noisy', detail: `${samples} measured, ${SAMPLES_LEAST} needed` }
  if (low > 1 || high < 1) return { verdict: ratio < 1 === (better === 'lower') ? 'improved' : 'regressed', detail: '' }
  const unseen = Math.max(Math.abs(Math.log(low / ratio)), Math.abs(Math.log(high / ratio)))
  return {
    verdict: 'no detectable change',
    detail: `a change by less than a factor of ${Math.exp(unseen).toFixed(unseen < 1 ? 2 : 1)} would not be seen`,
  }
}

export function verdictOf(rows: readonly Pick<Row, 'verdict'>[]): CompareDocument['verdict'] {
  const some = (verdict: Change) => rows.some(row => row.verdict === verdict)
  if (some('improved') && some('regressed')) return 'mixed'
  if (some('improved')) return 'improved'
  if (some('regressed')) return 'regressed'
  return some('no detectable change') ? 'no detectable change' : 'too noisy'
}

function checksOf(from: readonly ComparedArm[], to: readonly ComparedArm[]): Comparison['checks'] {
  const names = [...new Set([...from, ...to].flatMap(arm => arm.checks.map(({ name }) => name)))]
  const say = (side: readonly ComparedArm[], name: string) =>
    [...new Set(side.map(arm => arm.checks.find(check => check.name === name)?.verdict ?? 'not judged'))].join(', ')
  return names.flatMap(name => {
    const [a, b] = [say(from, name), say(to, name)]
    return a === b ? [] : [{ name, from: a, to: b }]
  })
}

function curvesOf(from: readonly ComparedArm[], to: readonly ComparedArm[], labels: readonly string[]): Comparison['curves'] {
  return sharedMeasures(from, to).flatMap(name => {
    const [a, b] = [from, to].map(side => side.flatMap(arm => measureOf(arm, name)?.curve?.values ?? []))
    const { curve, about } = measureOf(from[0]!, name)!
    if (curve === undefined || a!.length === 0 || b!.length === 0) return []
    return [
      {
        label: curve.label,
        about,
        sides: [
          { label: labels[0]!, values: a! },
          { label: labels[1]!, values: b! },
        ],
      },
    ]
  })
}

function subjectOf([first, ...others]: readonly Meeting[]): string {
  const names = new Set(first!.sides.flat().map(arm => arm.facts.get('scenario') ?? `load ${arm.facts.get('workload')}`))
  return others.length === 0 && new Set(first!.names).size > 1 ? titleOf(first!.names) : [...names].join(' and ')
}

/** The same in every meeting, so that it is told once. */
function everywhere(meetings: readonly Meeting[]): CompareDocument['differs'] {
  const [first, ...others] = meetings.map(({ sides }) => differencesOf(sides))
  const same = (a: { name: string; values: string[] }, b: { name: string; values: string[] }) =>
    a.name === b.name && a.values.join('\n') === b.values.join('\n')
  return (first ?? []).filter(each => others.every(list => list.some(other => same(each, other))))
}
