import { letterOf } from '../words.ts'
import { type ComparedArm, type ComparedRun, type Meeting, NothingShared, type Side } from './compared.ts'

/** Whether sides can be held against each other: independent runs of one thing, each side with settings of its own. Pure. */

/** Sides that would give figures, and mean nothing. */
export class NotComparable extends Error {
  readonly code: 'SAME_RUN' | 'MIXED_SIDE'

  constructor(code: NotComparable['code'], message: string) {
    super(message)
    this.code = code
  }
}

/** Each run is drawn as one of its own: one that is there twice narrows the intervals by nothing that was measured. Throws NotComparable. */
export function refuseSameRuns(sides: readonly Side[]): void {
  const several = sides.some(({ runs }) => runs.length > 1)
  const all = sides.flatMap(({ runs }, side) => runs.map(run => ({ run, side })))
  for (const [i, { run, side }] of all.entries()) {
    const twin = all.slice(i + 1).find(other => (several || other.side === side) && isSame(run, other.run))
    if (twin !== undefined)
      throw new NotComparable(
        'SAME_RUN',
        `expected each run once, got ${run.label} ${twin.side === side ? `twice on side ${letterOf(side)}` : `on side ${letterOf(side)} and on side ${letterOf(twin.side)}`}: it counts as an independent run each time\nLeave it away on one of them`,
      )
  }
}

/** The first side that stands on the very same run, by its letter. */
export function sameAs(sides: readonly Side[], at: number): string | undefined {
  const run = sides[at]!.runs[0]!
  const found = sides.slice(0, at).findIndex(({ runs }) => isSame(runs[0]!, run))
  return found < 0 ? undefined : letterOf(found)
}

/** Another arm of the same folder is another run. */
function isSame(a: ComparedRun, b: ComparedRun): boolean {
  return a.folder !== undefined && a.folder === b.folder && a.arms.some(({ arm }) => b.arms.some(other => other.arm === arm))
}

/** A prompt's way and a message's are not the same thing, however fast. Throws NothingShared. */
export function refuseOtherWork(sides: readonly Side[]): void {
  const work = sides.map(({ label, runs }) => ({ label, names: [...new Set(runs.flatMap(({ arms }) => arms.map(workOf)))] }))
  if (new Set(work.flatMap(({ names }) => names)).size > 1)
    throw new NothingShared(
      `expected the same work on all sides, got ${work.map(({ label, names }) => `${names.join(' and ')} (${label})`).join(', ')}: their times are not times of the same thing\nCompare load tests of one workload, or runs of scenarios`,
    )
}

const workOf = ({ facts }: ComparedArm) => (facts.has('workload') ? `a load test of ${facts.get('workload')}` : 'a scenario')

/** Those may differ between runs of a side; what was asked for may not. */
const CIRCUMSTANCES = new Set(['commit', 'seed', 'runtime', 'broker', 'database', 'Node', 'machine'])
const NAMED = 6

/** Throws NotComparable with the settings in which the runs of a side differ. */
export function refuseMixedSides(meetings: readonly Meeting[]): void {
  for (const { sides } of meetings)
    for (const [i, side] of sides.entries()) {
      const mixed = [...new Set(side.flatMap(({ facts }) => [...facts.keys()]))].flatMap(name => {
        const values = [...new Set(side.map(({ facts }) => facts.get(name) ?? 'default'))]
        return CIRCUMSTANCES.has(name) || values.length === 1 ? [] : [`${name} (${values.join(', ')})`]
      })
      if (mixed.length > 0)
        throw new NotComparable(
          'MIXED_SIDE',
          `expected runs with the same settings on side ${letterOf(i)}, got runs that differ in ${mixed.slice(0, NAMED).join(', ')}${mixed.length > NAMED ? ` and ${mixed.length - NAMED} more` : ''}\nPut them on sides of their own: npm run report -- compare A1,A2 B1,B2`,
        )
    }
}
