import type { Measure } from '#evidence/measures'
import { counted, figure, quantity } from '../words.ts'
import { effectOf, RUNS_ENOUGH } from './effect.ts'
import type { Figure } from './figures.ts'
import type { ComparedArm } from './sides.ts'

/** A line of a comparison in words, for terminal, Markdown, page and JSON. Pure. */

export type Change = 'improved' | 'regressed' | 'no detectable change' | 'too noisy'

export interface Row extends Pick<Figure, 'label' | 'about' | 'better'>, Pick<Measure, 'unit'> {
  measure: string
  /** Of the first side and of the other: the geometric mean over its runs. */
  from: number
  to: number
  effectPercent: number
  intervalPercent: [number, number]
  verdict: Change
  /** Why it cannot tell, or what would; otherwise empty. */
  detail: string
  /** More runs a side that would tell, at this effect. Null: none, or too many. */
  runsMore: number | null
  runs: [number, number]
  samples: [number, number]
  /** Assumed spread of one commit's runs (two in three); null if the runs show it. */
  allowance: { percent: number; source: string } | null
  words: { verdict: string; fromTo: string; effect: string; interval: string }
}

/** Fewer say nothing of a percentile. */
const SAMPLES_LEAST = 20
export const METHOD = { resamples: 4_000, seed: 1 }
/** The same draws on both sides: about half of what differs between seeds is left. */
const SAME_SEED_SHARE = 0.5
const RUNS_MOST = 20

const figureOf = (arm: ComparedArm, name: string) => arm.figures.find(each => each.name === name)

/** Measures in all runs, with enough samples in one. 0 has no ratio. */
export function sharedMeasures(arms: readonly ComparedArm[]): string[] {
  return (arms[0]?.figures ?? [])
    .map(({ name }) => name)
    .filter(name => arms.every(arm => (figureOf(arm, name)?.value ?? 0) > 0))
    .filter(name => arms.some(arm => figureOf(arm, name)!.samples >= SAMPLES_LEAST))
}

/** @param alpha 0.05 = a 95 % interval */
export function rowOf(name: string, from: readonly ComparedArm[], to: readonly ComparedArm[], alpha: number): Row {
  const [a, b] = [from, to].map(side => side.map(arm => figureOf(arm, name)!)) as [Figure[], Figure[]]
  const [before, after] = [a, b].map(side => side.map(({ value }) => value)) as [number[], number[]]
  const { label, about, unit, better } = a[0]!
  const draws = new Set([...from, ...to].map(({ facts }) => `${facts.get('scenario') ?? facts.get('workload')} ${facts.get('seed')}`))
  const allowance = a[0]!.allowance * (draws.size === 1 ? SAME_SEED_SHARE : 1)
  const effect = effectOf(before, after, { ...METHOD, allowance, alpha })
  const { ratio, low, high } = effect
  const least = Math.min(...[...a, ...b].map(({ samples }) => samples))
  const few = least < SAMPLES_LEAST ? `${least} measured, ${SAMPLES_LEAST} needed` : undefined
  const noisy = [...from, ...to].find(arm => arm.noisy !== undefined)?.noisy ?? few
  const changed = ratio < 1 === (better === 'lower') ? 'improved' : 'regressed'
  const verdict = noisy !== undefined ? 'too noisy' : low > 1 || high < 1 ? changed : 'no detectable change'
  const [runs, percent] = [[a.length, b.length] as [number, number], (value: number) => 100 * (value - 1)]
  const runsMore =
    verdict !== 'no detectable change' || effect.runsNeeded > RUNS_MOST ? null : Math.max(1, effect.runsNeeded - Math.min(...runs))
  const would = runsMore === null ? `less than ${ratioText(high / ratio)} does not show` : `${counted(runsMore, 'more run')} would`
  return {
    ...{ measure: name, label, about, unit, better, from: effect.from, to: effect.to },
    effectPercent: percent(ratio),
    intervalPercent: [percent(low), percent(high)],
    ...{ verdict, detail: noisy ?? (verdict === changed ? '' : would), runsMore, runs },
    samples: [a, b].map(side => side.reduce((sum, { samples }) => sum + samples, 0)) as [number, number],
    allowance: Math.min(...runs) < RUNS_ENOUGH ? { percent: percent(Math.exp(allowance)), source: 'assumed' } : null,
    words: {
      verdict: WORDS[verdict],
      fromTo: `${quantity(effect.from, unit)} → ${quantity(effect.to, unit)}`,
      effect: ratioText(ratio),
      interval: `${ratioText(low)} to ${ratioText(high)}`,
    },
  }
}

export const WORDS = {
  improved: 'better',
  regressed: 'worse',
  mixed: 'mixed',
  'too noisy': 'cannot tell',
  'no detectable change': 'cannot tell',
} as const

/** Beyond this a factor is easier to picture than a percentage. */
const TIMES_FROM = 1.5

/** `+23 %`, `−4.1 %`, `34 x`, `1/34 x`; `0 %` where nothing is left after rounding. */
export function ratioText(ratio: number): string {
  if (ratio >= TIMES_FROM) return `${figure(Number(ratio.toPrecision(2)))} x`
  if (ratio <= 1 / TIMES_FROM) return `1/${ratioText(1 / ratio)}`
  const percent = Math.abs(100 * (ratio - 1))
  if (percent < 0.05) return '0 %'
  return `${ratio < 1 ? '−' : '+'}${percent.toFixed(percent < 9.95 ? 1 : 0)} %`
}
