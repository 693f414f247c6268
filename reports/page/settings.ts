import type { ArmDocument, RunDocument } from '#evidence/run-document'
import { letterOf } from '../words.ts'
import { type Html, html, table } from './html.ts'

/** Settings and parameters: what all arms share once, and where they differ. Pure. */

export function settingsSection({ arms }: RunDocument): Html {
  const all = arms.map(flat)
  const names = [...new Set(all.flatMap(settings => [...settings.keys()]))]
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

/** Everything that was asked for in an arm, by name. */
export function flat(arm: ArmDocument): Map<string, string> {
  const say = (value: unknown) => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))
  return new Map([
    ...Object.entries(arm.set).map(([name, value]) => [name, say(value)] as const),
    ...Object.entries(arm.partSettings).flatMap(([part, settings]) =>
      Object.entries(settings).map(([name, value]) => [`${part}: ${name}`, say(value)] as const),
    ),
    ...Object.entries(arm.parameters).map(([name, value]) => [`parameter ${name}`, say(value)] as const),
    ...arm.gpus.map(({ name, profile }) => [name, profile] as const),
    ['time scale', String(arm.timeScale)] as const,
    ['task queue', arm.taskQueueType] as const,
    ...arm.facts.workers.flatMap(({ name, prefetchTasks, slots, serviceMs }) => [
      [`${name}: prefetch`, String(prefetchTasks)] as const,
      [`${name}: slots`, String(slots)] as const,
      ...(serviceMs === undefined ? [] : [[`${name}: service time`, `${serviceMs} ms`] as const]),
    ]),
    ['attempts allowed', arm.facts.attemptsMax === 0 ? 'not counted' : String(arm.facts.attemptsMax)] as const,
  ])
}
