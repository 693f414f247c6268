import type { LoadDocument } from '#evidence/load-document'
import type { ArmDocument, RunDocument } from '#evidence/run-document'
import { flat } from '../page/settings.ts'

/** Everything that makes a run what it is, by name, so that two can be told apart. Pure. */

type Whole = Pick<RunDocument, 'seed' | 'runtime' | 'versions' | 'commit' | 'machine'>

function wholeFacts({ seed, runtime, versions, commit, machine }: Whole): [string, string][] {
  return [
    ['commit', `${commit.id}${commit.dirty ? ' with changes' : ''}`],
    ['seed', String(seed)],
    ['runtime', runtime],
    ['broker', versions.broker],
    ['database', versions.database],
    ['Node', versions.node],
    ['machine', `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}`],
  ]
}

export function armFacts(run: RunDocument, arm: ArmDocument): Map<string, string> {
  return new Map([['scenario', run.scenario], ['size', run.size], ...wholeFacts(run), ...flat(arm)])
}

export function loadFacts(load: LoadDocument): Map<string, string> {
  const say = (value: unknown) => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))
  const settings = (of: Record<string, unknown>, prefix = '') =>
    Object.entries(of).map(([name, value]) => [`${prefix}${name}`, say(value)] as const)
  const { workload, engine, design, timeScale, taskQueueType } = load
  return new Map([
    ...Object.entries({ workload, engine, design, 'time scale': String(timeScale), 'task queue': taskQueueType }),
    ...wholeFacts(load),
    ...settings(load.plan, 'plan: '),
    ...settings(load.set),
    ...(load.facts?.workers ?? []).map(({ name, prefetchTasks }) => [`${name}: prefetch`, String(prefetchTasks)] as const),
  ])
}
