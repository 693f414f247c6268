import type { ComparedRun } from '../report/compare/compared.ts'
import { compareDocument } from '../report/compare/document.ts'
import { scenarioRun } from '../report/compare/side.ts'
import { isChange } from '../report/compare/words.ts'
import { readStored, shortName } from '../scenario/stored.ts'

/** How often a comparison finds a change where there is none: all pairs of runs of the same scenario, size and commit. */

export interface Alarms {
  scenario: string
  runs: number
  pairs: number
  /** Pairs in which at least one figure was said to have changed. */
  alarms: number
  /** Of those, the figures. */
  figures: string[]
}

export async function countAlarms(folders: readonly string[], say: (text: string) => void): Promise<Alarms[]> {
  const groups = new Map<string, ComparedRun[]>()
  for (const folder of folders) {
    const stored = await readStored(folder)
    if (stored.kind !== 'scenario') continue
    const { scenario, size, commit } = stored.document
    const group = `${scenario} ${size} ${commit.id}${commit.dirty ? ' with changes' : ''}`
    groups.set(group, [...(groups.get(group) ?? []), scenarioRun(shortName(folder), stored.document, stored.histories)])
  }
  return [...groups].map(([scenario, runs]) => {
    say(`${scenario}: ${runs.length} runs …`)
    const found = pairsOf(runs).map(([a, b]) => figuresOf(a, b))
    return { scenario, runs: runs.length, pairs: found.length, alarms: found.filter(list => list.length > 0).length, figures: found.flat() }
  })
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
