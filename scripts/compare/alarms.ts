import { realpath } from 'node:fs/promises'
import type { ComparedRun } from '../report/compare/compared.ts'
import { compareDocument } from '../report/compare/document.ts'
import { loadRun, scenarioRun } from '../report/compare/side.ts'
import { isChange } from '../report/compare/words.ts'
import { readStored, shortName } from '../scenario/stored.ts'

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
  const groups = new Map<string, { title: string; runs: ComparedRun[] }>()
  const whole = await Promise.all(folders.map(folder => realpath(folder).catch(() => folder)))
  for (const folder of new Set(whole)) {
    const stored = await readStored(folder)
    if (stored.kind === 'matrix') continue
    const { commit } = stored.document
    const [what, run] =
      stored.kind === 'scenario'
        ? [`${stored.document.scenario} ${stored.document.size}`, scenarioRun(await shortName(folder), stored.document, stored.histories)]
        : [`load ${stored.document.workload}`, loadRun(await shortName(folder), stored.document, stored.histories)]
    const title = `${what} ${commit.id}${commit.dirty ? ' with changes' : ''}`
    // Load tests are of one kind only with the same rate, design and scale.
    const key = stored.kind === 'scenario' ? title : `${title} ${settingsOf(run)}`
    const group = groups.get(key) ?? { title, runs: [] }
    group.runs.push(run)
    groups.set(key, group)
  }
  return [...groups.values()].map(({ title, runs }) => {
    say(`${title}: ${runs.length} runs …`)
    const found = pairsOf(runs).map(([a, b]) => figuresOf(a, b))
    return {
      scenario: title,
      runs: runs.length,
      pairs: found.length,
      alarms: found.filter(list => list.length > 0).length,
      figures: found.flat(),
    }
  })
}

/** All that makes a run what it is, but its draw. */
function settingsOf({ arms }: ComparedRun): string {
  return JSON.stringify(arms.map(({ facts }) => [...facts].filter(([name]) => name !== 'seed')))
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
