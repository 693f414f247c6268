import type { PartFrame } from '../../../scenarios/console/frames.ts'
import { byId, made } from '../../canvas/dom.ts'
import type { Words } from '../words/types.ts'
import type { DoAct } from './controls.ts'
import type { World } from './world.ts'

/** Each part with its state and what can be done to it. */

const FAULTS = ['none', 'fails', 'silent', 'slow', 'down', 'poison']

/** Verbs that change something in a state. */
function verbsOf({ state, kind }: PartFrame): string[] {
  if (kind === 'console') return []
  if (state === 'paused') return ['resume', 'kill']
  return state === 'stopped' || state === 'exited' ? ['start'] : ['stop', 'kill', 'pause']
}

export class Parts {
  readonly #act: DoAct
  #built = ''

  constructor(act: DoAct) {
    this.#act = act
  }

  show({ known: { parts = [], faults = {} } }: World, words: Words): void {
    const key = JSON.stringify([parts, faults, words.unlimited])
    if (key === this.#built) return
    this.#built = key
    const focused = document.activeElement?.id
    const rows = parts.flatMap(part => [
      made('span', {}, part.name),
      made('span', { class: `state-${part.state}` }, words.states[part.state] ?? part.state),
      made('span', { class: 'acts' }, ...this.#acts(part, faults[part.name] ?? 'none', words)),
    ])
    byId('parts', HTMLElement).replaceChildren(made('div', { class: 'grid parts' }, ...rows))
    if (focused !== undefined && focused !== '') document.getElementById(focused)?.focus()
  }

  #acts(part: PartFrame, fault: string, words: Words): HTMLElement[] {
    const buttons = verbsOf(part).map(verb => {
      const shown = words.verbs[verb] ?? verb
      const id = `${verb}-${part.name}`
      const button = made('button', { type: 'button', id, 'aria-label': words.actOn(shown, part.name) }, shown)
      button.addEventListener('click', () => this.#act({ act: 'part', verb, part: part.name }))
      return button
    })
    if (part.kind !== 'gpu' || part.state !== 'ready') return buttons
    const select = made('select', { id: `fault-${part.name}`, 'aria-label': words.faultOf(part.name) })
    for (const value of FAULTS) select.append(made('option', { value }, words.faults[value] ?? value))
    select.value = fault
    select.addEventListener('change', () => this.#act({ act: 'fault', gpu: part.name, fault: select.value }))
    return [...buttons, select]
  }
}
