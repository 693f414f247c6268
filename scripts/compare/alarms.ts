import type { ComparedRun } from '../../reports/compare/compared.ts'
import { compareDocument } from '../../reports/compare/document.ts'
import { isChange } from '../../reports/compare/words.ts'
import { comparedRun } from './sides.ts'

/** How often a comparison finds a change where there is none: all pairs of runs of the same scenario, size and commit, and of load
 *  tests with the same settings. */

export interface Alarms {
  scenario: string
  runs: number
  pairs: number
  /** Pairs in which at least one figure was said to have changed. */
  alarms: number
  /** Of those, the figures. */
  figures: string[]
}

/** A folder that is given twice, by whatever name, counts once. */
export async function countAlarms(folders: readonly string[], say: (text: string) => void): Promise<Alarms[]> {
  const runs: ComparedRun[] = []
  for (const folder of folders) {
    const run = await comparedRun(folder)
    if (run !== undefined && !runs.some(other => other.folder === run.folder)) runs.push(run)
  }
  return [...Map.groupBy(runs, kindOf).values()].map(group => {
    const scenario = titleOf(group[0]!)
    say(`${scenario}: ${group.length} runs …`)
    const found = pairsOf(group).map(([a, b]) => figuresOf(a, b))
    return {
      scenario,
      runs: group.length,
      pairs: found.length,
      alarms: found.filter(list => list.length > 0).length,
      figures: found.flat(),
    }
  })
}

const factOf = ({ arms }: ComparedRun, name: string) => arms[0]?.facts.get(name)

function titleOf(run: ComparedRun): string {
  const load = factOf(run, 'workload')
  const what = load === undefined ? `${factOf(run, 'scenario')} ${factOf(run, 'size')}` : `load ${load}`
  return `${what} ${factOf(run, 'commit')}`
}

/** Runs that differ in nothing but their draw. Load tests do so only with the same rate, design and scale. */
function kindOf(run: ComparedRun): string {
  if (factOf(run, 'workload') === undefined) return titleOf(run)
  return JSON.stringify(run.arms.map(({ facts }) => [...facts].filter(([name]) => name !== 'seed')))
}

function pairsOf<T>(list: readonly T[]): [T, T][] {
  return list.flatMap((a, i) => list.slice(i + 1).map((b): [T, T] => [a, b]))
}

function figuresOf(a: ComparedRun, b: ComparedRun): string[] {
  const sides = [a, b].map(run => ({ label: run.label, named: false, runs: [run] }))
  return compareDocument(sides, '').comparisons.flatMap(({ arm, rows }) =>
    rows.filter(({ verdict }) => isChange(verdict)).map(row => `${arm}: ${row.label} ${row.effectPercent.toFixed(0)} %`),
  )
}

export function alarmsText(groups: readonly Alarms[]): string {
  const [pairs, alarms] = [groups.reduce((sum, each) => sum + each.pairs, 0), groups.reduce((sum, each) => sum + each.alarms, 0)]
  const lines = groups.map(each =>
    [`${each.scenario}: ${each.alarms} of ${each.pairs} pairs of ${each.runs} runs`, ...each.figures.map(text => `  ${text}`)].join('\n'),
  )
  return [`${alarms} of ${pairs} pairs of one commit raise a false alarm.`, ...lines].join('\n')
}
