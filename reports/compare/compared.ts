import type { Comparable } from './measure.ts'

/** What stands on a side of a comparison. Pure. */

/** One arm of one run; a load test is an arm of its own. */
export interface ComparedArm {
  arm: string
  measures: Comparable[]
  /** Why its times say nothing. */
  noisy: string | undefined
  /** Everything that makes it what it is, by name: settings, versions, commit, seed. */
  facts: ReadonlyMap<string, string>
  checks: readonly { name: string; verdict: string }[]
}

export interface ComparedRun {
  /** What a person calls it: its folder. */
  label: string
  /** Where it stands, whatever link leads to it: tells whether two are one. Undefined: made up. */
  folder?: string
  arms: ComparedArm[]
}

export interface Side {
  label: string
  /** One arm was named for each run; otherwise arms of equal name meet. */
  named: boolean
  runs: ComparedRun[]
}

/** Arms that meet: the arms of each side's runs. */
export interface Meeting {
  /** What each side's arms are called. */
  names: string[]
  sides: ComparedArm[][]
}

export class NothingShared extends Error {
  readonly code = 'NOTHING_SHARED'
}

/** Throws NothingShared with the arms that there are. */
export function meetingsOf(sides: readonly Side[]): Meeting[] {
  const all = sides.map(side => side.runs.flatMap(run => run.arms))
  if (sides.some(side => side.named) || all.every(arms => new Set(arms.map(({ arm }) => arm)).size === 1)) {
    const lacking = sides.find(side => side.runs.some(run => run.arms.length !== 1))
    if (lacking !== undefined) throw new NothingShared(`${lacking.label}: expected one arm, as FOLDER#ARM; ${armsText(lacking)}`)
    const names = all.map(arms => [...new Set(arms.map(({ arm }) => arm))].join(' and '))
    return [{ names, sides: all }]
  }
  const [first] = sides
  const shared = [...new Set(first!.runs[0]!.arms.map(({ arm }) => arm))].filter(name =>
    sides.every(side => side.runs.every(run => run.arms.some(({ arm }) => arm === name))),
  )
  if (shared.length === 0)
    throw new NothingShared(
      `the runs share no arm. ${sides.map(armsText).join(' ')}\nName one on each side: npm run report -- compare FOLDER#ARM FOLDER#ARM`,
    )
  return shared.map(name => ({ names: sides.map(() => name), sides: all.map(arms => arms.filter(({ arm }) => arm === name)) }))
}

function armsText({ label, runs }: Side): string {
  return `${label} has ${[...new Set(runs.flatMap(run => run.arms.map(({ arm }) => JSON.stringify(arm))))].join(', ')}.`
}

/** `prefetch 1 → prefetch 250`, or the name once where it is the same. */
export function titleOf(names: readonly string[]): string {
  return new Set(names).size === 1 ? names[0]! : names.join(' → ')
}

/** What is not the same on all sides, by name; each side's values. */
export function differencesOf(sides: readonly (readonly ComparedArm[])[]): { name: string; values: string[] }[] {
  const names = [...new Set(sides.flatMap(side => side.flatMap(arm => [...arm.facts.keys()])))]
  return names.flatMap(name => {
    const values = sides.map(side => [...new Set(side.map(arm => arm.facts.get(name) ?? 'default'))].sort(inOrder).join(', '))
    // The same seeds on both sides are as they should be; two versions on both sides are not.
    const mixed = name !== 'seed' && sides.some(side => new Set(side.map(arm => arm.facts.get(name))).size > 1)
    return new Set(values).size === 1 && !mixed ? [] : [{ name, values }]
  })
}

const inOrder = (a: string, b: string) => a.localeCompare(b, 'en', { numeric: true })
