import { resolveSettings, type SettingsInput } from '#contracts/settings'
import type { History } from '#evidence/history'
import type { ArmDocument, RunDocument } from '#evidence/run-document'
import { letterOf } from '#evidence/typed'
import { cardName } from '../words.ts'
import { type Html, html, table } from './html.ts'

/** Settings and parameters: what all arms share once, and where they differ. Pure. */

export function settingsSection({ arms }: RunDocument): Html {
  const all = arms.map(arm => new Map([...inForce(arm.set, arm.facts.workers), ...flat(arm)]))
  const names = [...new Set(arms.flatMap(arm => [...flat(arm).keys()]))]
  const isShared = (name: string) => all.every(settings => settings.get(name) === all[0]?.get(name))
  const shared = names.filter(isShared)
  const different = names.filter(name => !isShared(name))
  return html`<div class="pair">${
    different.length > 0 &&
    table(
      'Where the arms differ',
      [{ head: 'setting' }, ...arms.map((arm, i) => ({ head: `${letterOf(i)} ${arm.name}` }))],
      different.map(name => [name, ...all.map(settings => settings.get(name) ?? 'default')]),
    )
  }
${table(
  'The same in all arms',
  [{ head: 'setting' }, { head: 'value' }],
  shared.map(name => [name, all[0]?.get(name) ?? '']),
)}</div>
<p class="small">Everything else has its default, as <code>npm run settings</code> lists it.</p>`
}

export const said = (value: unknown) => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))

/** Known settings in force: a design sets many. A worker's own line only where they differ. */
export function inForce(set: Readonly<Record<string, unknown>>, workers: History['workers']): Map<string, string> {
  const values = new Map(Object.entries(set).map(([name, value]) => [name, said(value)]))
  try {
    for (const [name, value] of Object.entries(resolveSettings(set as SettingsInput))) values.set(name, said(value))
  } catch {} // Older runs may have other settings; known ones are parsed.
  for (const [name, setting] of [
    ['prefetchTasks', 'workerPrefetchTasks'],
    ['slots', 'workerSlots'],
  ] as const) {
    const seen = new Set(workers.map(worker => String(worker[name])))
    if (seen.size === 1) values.set(setting, [...seen][0]!)
    else for (const worker of workers) values.set(`${worker.name}: ${setting}`, String(worker[name]))
  }
  return values
}

/** Everything that was asked for in an arm, by name.
 *  @param consumers with prefetch and slots of each worker, which `inForce` has too */
export function flat(arm: ArmDocument, consumers = true): Map<string, string> {
  return new Map([
    ...Object.entries(arm.set).map(([name, value]) => [name, said(value)] as const),
    ...Object.entries(arm.partSettings).flatMap(([part, settings]) =>
      Object.entries(settings).map(([name, value]) => [`${part}: ${name}`, said(value)] as const),
    ),
    ...Object.entries(arm.parameters).map(([name, value]) => [`parameter ${name}`, said(value)] as const),
    ...arm.gpus.map(({ name, profile }) => [name, cardName(profile)] as const),
    ['time scale', String(arm.timeScale)] as const,
    ['task queue', arm.taskQueueType] as const,
    ...arm.facts.workers.flatMap(({ name, prefetchTasks, slots, serviceMs }) => [
      ...(consumers ? [[`${name}: prefetch`, String(prefetchTasks)] as const, [`${name}: slots`, String(slots)] as const] : []),
      ...(serviceMs === undefined ? [] : [[`${name}: service time`, `${serviceMs} ms`] as const]),
    ]),
    ['attempts allowed', arm.facts.attemptsMax === 0 ? 'not counted' : String(arm.facts.attemptsMax)] as const,
  ])
}
