import type { HistoryEvent } from '#evidence/history'
import { generatorBound, type LoadDocument } from '#evidence/load-document'
import { FOREIGN_CPU_MAX_PERCENT, noise as noiseOf, tooNoisy } from '#evidence/noise'
import type { RunDocument } from '#evidence/run-document'
import { reasonText } from '../finding-words.ts'
import { flat, inForce, said } from '../page/settings.ts'
import { armFigures, type Figure, loadFigures } from './figures.ts'

/** Stored runs as a comparison sees them. Pure. */

/** One arm of one run; a load test is an arm of its own. */
export interface ComparedArm {
  arm: string
  figures: Figure[]
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
  /** Where each has one arm, these meet; otherwise arms of equal name. */
  runs: ComparedRun[]
}

type Histories = ReadonlyMap<string, readonly HistoryEvent[]>

export function scenarioRun(label: string, run: RunDocument, histories: Histories): ComparedRun {
  return {
    label,
    arms: run.arms.map(arm => {
      const history = { ...arm.facts, events: histories.get(arm.name) ?? [] }
      const asked = [...flat(arm, false), ...inForce(arm.set, arm.facts.workers)]
      const own = [['scenario', run.scenario], ['size', run.size], ...asked] as const
      const noisy = tooNoisy(history)
      return {
        arm: arm.name,
        figures: armFigures(history),
        noisy: noisy && reasonText(noisy),
        facts: factsOf({ ...run, versions: { ...run.versions, broker: arm.broker ?? run.versions.broker } }, own),
        checks: arm.checks,
      }
    }),
  }
}

export function loadRun(label: string, load: LoadDocument, histories: Histories): ComparedRun {
  const { workload, engine, design, timeScale, taskQueueType, plan, set } = load
  const own = [
    ...inForce({ ...set, design }, load.facts?.workers ?? []),
    ...Object.entries({ workload, engine, 'time scale': timeScale, 'task queue': taskQueueType }),
    ...Object.entries(plan).map(([name, value]) => [`plan: ${name}`, value] as const),
  ] as const
  const figures = loadFigures(load, [...histories.values()].flat())
  return { label, arms: [{ arm: workload, figures, noisy: loadNoise(load), facts: factsOf(load, own), checks: load.checks }] }
}

type Whole = Pick<RunDocument, 'seed' | 'runtime' | 'versions' | 'commit' | 'machine'>

function factsOf({ seed, runtime, versions, commit, machine }: Whole, own: Iterable<readonly [string, unknown]>): Map<string, string> {
  const facts = Object.entries({
    ...Object.fromEntries(own),
    commit: `${commit.id}${commit.dirty ? ' with changes' : ''}`,
    ...{ seed, runtime, broker: versions.broker, database: versions.database, Node: versions.node },
    machine: `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}`,
  })
  return new Map(facts.map(([name, value]) => [name, said(value)]))
}

/** Why the times of a load test say nothing of the system. */
function loadNoise({ noise, ...load }: LoadDocument): string | undefined {
  if (load.generatorBound) return reasonText(generatorBound(load))
  return noise.duringPercent <= FOREIGN_CPU_MAX_PERCENT ? undefined : reasonText(noiseOf(noise.duringPercent, noise.worstPercent))
}
