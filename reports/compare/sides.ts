import { resolveSettings, type SettingsInput } from '#contracts/settings'
import { reason } from '#evidence/finding'
import type { HistoryEvent } from '#evidence/history'
import type { LoadDocument } from '#evidence/load-document'
import { FOREIGN_CPU_MAX_PERCENT, noise as noiseOf, tooNoisy } from '#evidence/noise'
import type { RunDocument } from '#evidence/run-document'
import { reasonText } from '../finding-words.ts'
import { flat } from '../page/settings.ts'
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
  /** One arm was named for each run; otherwise arms of equal name meet. */
  named: boolean
  runs: ComparedRun[]
}

type Histories = ReadonlyMap<string, readonly HistoryEvent[]>

export function scenarioRun(label: string, run: RunDocument, histories: Histories): ComparedRun {
  return {
    label,
    arms: run.arms.map(arm => {
      const history = { ...arm.facts, events: histories.get(arm.name) ?? [] }
      const own = [['scenario', run.scenario], ['size', run.size], ...settingFacts(arm.set), ...flat(arm)] as const
      const facts = factsOf(run, own, arm.facts.workers)
      const noisy = tooNoisy(history)
      return { arm: arm.name, figures: armFigures(history), noisy: noisy && reasonText(noisy), facts, checks: arm.checks }
    }),
  }
}

export function loadRun(label: string, load: LoadDocument, histories: Histories): ComparedRun {
  const { workload, engine, design, timeScale, taskQueueType, plan, set } = load
  const own = [
    ...settingFacts({ ...set, design }),
    ...Object.entries({ workload, engine, 'time scale': timeScale, 'task queue': taskQueueType }),
    ...Object.entries(plan).map(([name, value]) => [`plan: ${name}`, value] as const),
  ] as const
  const facts = factsOf(load, own, load.facts?.workers ?? [])
  const figures = loadFigures(load, [...histories.values()].flat())
  return { label, arms: [{ arm: workload, figures, noisy: loadNoise(load), facts, checks: load.checks }] }
}

/** What is in force, as far as this version knows the settings: a design sets many by its one name. */
function settingFacts(set: Readonly<Record<string, unknown>>): [string, unknown][] {
  try {
    return Object.entries(resolveSettings(set as SettingsInput)) // Each is parsed by its own schema.
  } catch {
    return Object.entries(set) // A stored run may have settings of its time.
  }
}

type Whole = Pick<RunDocument, 'seed' | 'runtime' | 'versions' | 'commit' | 'machine'>

function factsOf(
  { seed, runtime, versions, commit, machine }: Whole,
  own: readonly (readonly [string, unknown])[],
  workers: readonly { name: string; prefetchTasks: number; slots: number }[],
): Map<string, string> {
  const facts = new Map(
    Object.entries({
      ...Object.fromEntries(own),
      commit: `${commit.id}${commit.dirty ? ' with changes' : ''}`,
      seed,
      runtime,
      broker: versions.broker,
      database: versions.database,
      Node: versions.node,
      machine: `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}`,
    }).map(([name, value]) => [name, typeof value === 'string' ? value : (JSON.stringify(value) ?? '')]),
  )
  // A worker's own value is told where it is not that of all.
  for (const { name, prefetchTasks, slots } of workers) {
    facts.set(`${name}: prefetch`, String(prefetchTasks))
    facts.set(`${name}: slots`, String(slots))
    if (facts.get('workerPrefetchTasks') === String(prefetchTasks)) facts.delete(`${name}: prefetch`)
    if (facts.get('workerSlots') === String(slots)) facts.delete(`${name}: slots`)
  }
  return facts
}

/** Why the times of a load test say nothing of the system. */
function loadNoise({ generatorBound, generator, noise }: LoadDocument): string | undefined {
  if (generatorBound) return reasonText(reason('generator-bound', { because: generator.because }))
  if (noise.duringPercent <= FOREIGN_CPU_MAX_PERCENT) return undefined
  return reasonText(noiseOf(noise.duringPercent, noise.worstPercent))
}
