import { BadRun } from '#evidence/store/bad-run'
import { letterOf } from '#evidence/typed'
import type { ComparedArm, ComparedRun, Side } from './sides.ts'

/** Which arms are compared, and whether they can be. Pure. */

/** Sides that would give figures that mean nothing. */
export const notComparable = (code: BadRun['code'], message: string) => Object.assign(new BadRun(message), { code })

export interface Meeting {
  /** What each side's arms are called. */
  names: string[]
  /** The arms of each side's runs. */
  sides: ComparedArm[][]
}

/** Throws BadRun, with what there is and what to type. */
export function meetingsOf(sides: readonly Side[]): Meeting[] {
  refuseSameRuns(sides)
  refuseOtherWork(sides.flatMap(({ runs }) => runs.flatMap(({ arms }) => arms)))
  const meetings = meeting(sides)
  for (const each of meetings) each.sides.forEach(refuseMixedSide)
  return meetings
}

function meeting(sides: readonly Side[]): Meeting[] {
  const all = sides.map(({ runs }) => runs.flatMap(({ arms }) => arms))
  // As of one that was named.
  if (sides.every(({ runs }) => runs.every(({ arms }) => arms.length === 1)))
    return [{ names: all.map(arms => [...new Set(arms.map(({ arm }) => arm))].join(' and ')), sides: all }]
  const has = ({ arms }: ComparedRun, name: string) => arms.some(({ arm }) => arm === name)
  const shared = [...new Set(all[0]!.map(({ arm }) => arm))].filter(name => sides.every(({ runs }) => runs.every(run => has(run, name))))
  const next = 'Name one on each side: npm run report -- compare FOLDER#ARM FOLDER#ARM'
  const seen = sides.map(({ label }, i) => `${label} has ${[...new Set(all[i]!.map(({ arm }) => JSON.stringify(arm)))].join(', ')}.`)
  if (shared.length === 0) throw notComparable('NOTHING_SHARED', `the runs share no arm. ${seen.join(' ')}\n${next}`)
  return shared.map(name => ({ names: sides.map(() => name), sides: all.map(arms => arms.filter(({ arm }) => arm === name)) }))
}

/** A run listed twice would narrow the interval without a measurement. */
function refuseSameRuns(sides: readonly Side[]): void {
  const several = sides.some(({ runs }) => runs.length > 1)
  const all = sides.flatMap(({ runs }, side) => runs.map(run => ({ run, side })))
  for (const [i, { run, side }] of all.entries()) {
    const twin = all.slice(i + 1).find(other => (several || other.side === side) && isSame(run, other.run))
    if (twin === undefined) continue
    const where = twin.side === side ? `twice on side ${letterOf(side)}` : `on side ${letterOf(side)} and on side ${letterOf(twin.side)}`
    throw notComparable('SAME_RUN', `run ${run.label} is listed ${where}: one measurement would count twice.\nRemove one of them`)
  }
}

/** The first side that stands on the very same run, by its letter. */
export function sameAs(sides: readonly Side[], at: number): string | null {
  const found = sides.slice(0, at).findIndex(({ runs }) => isSame(runs[0]!, sides[at]!.runs[0]!))
  return found < 0 ? null : letterOf(found)
}

/** Another arm of the same folder is another run. */
function isSame(a: ComparedRun, b: ComparedRun): boolean {
  return a.folder !== undefined && a.folder === b.folder && a.arms.some(({ arm }) => b.arms.some(other => other.arm === arm))
}

/** A prompt's way and a message's are not the same thing, however fast. */
function refuseOtherWork(arms: readonly ComparedArm[]): void {
  const work = new Set(arms.map(({ facts }) => (facts.has('workload') ? `a load test of ${facts.get('workload')}` : 'a scenario')))
  if (work.size === 1) return
  const seen = `expected the same work on all sides, got ${[...work].join(' and ')}`
  throw notComparable('NOTHING_SHARED', `${seen}\nCompare load tests of one workload, or runs of scenarios`)
}

/** These may differ between the runs of a side; settings may not. */
const CIRCUMSTANCES = ['commit', 'seed', 'runtime', 'broker', 'database', 'Node', 'machine']

function refuseMixedSide(side: readonly ComparedArm[], index: number): void {
  const mixed = namesOf(side).flatMap(name => {
    const values = valuesOf(side, name)
    return CIRCUMSTANCES.includes(name) || values.length === 1 ? [] : [`${name} (${values.join(', ')})`]
  })
  if (mixed.length === 0) return
  const message = `expected runs with the same settings on side ${letterOf(index)}, got runs that differ in ${mixed.join(', ')}`
  throw notComparable('MIXED_SIDE', `${message}\nPut them on sides of their own: npm run report -- compare A1,A2 B1,B2`)
}

/** What is not the same on all sides, by name; each side's values. */
export function differencesOf(sides: readonly (readonly ComparedArm[])[]): { name: string; values: string[] }[] {
  return namesOf(sides.flat()).flatMap(name => {
    const values = sides.map(side => valuesOf(side, name).toSorted(inOrder).join(', '))
    // Both sides may have the same seeds; two versions on both sides are worth a word.
    const mixed = name !== 'seed' && sides.some(side => valuesOf(side, name).length > 1)
    return new Set(values).size === 1 && !mixed ? [] : [{ name, values }]
  })
}

const namesOf = (arms: readonly ComparedArm[]) => [...new Set(arms.flatMap(({ facts }) => [...facts.keys()]))]
const valuesOf = (side: readonly ComparedArm[], name: string) => [...new Set(side.map(({ facts }) => facts.get(name) ?? 'default'))]
const inOrder = (a: string, b: string) => a.localeCompare(b, 'en', { numeric: true })
