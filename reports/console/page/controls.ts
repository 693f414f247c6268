import { byId, made } from '../../canvas/dom.ts'
import { figure } from '../../words.ts'
import type { Words } from '../words/types.ts'
import type { World } from './world.ts'

/** Arrivals, prefetch and slots: what is dragged is applied, and shown as the lab has it. */

export type DoAct = (act: Record<string, unknown>) => void

/** Places of the prefetch slider. */
const PREFETCHES = [1, 2, 3, 5, 10, 20, 50, 100, 250, 0]
const WHOLE = 100

export class Controls {
  readonly #act: DoAct
  readonly #crowd = byId('crowd', HTMLInputElement)
  #most = 1
  /** What was built; built anew for another lab or language. */
  #built = ''

  constructor(act: DoAct) {
    this.#act = act
    // Acts once it is let go, but says at once what it would ask.
    this.#crowd.addEventListener('change', () => this.#act({ act: 'crowd', perSecond: this.#asked() }))
  }

  #asked(): number {
    return Number(((Number(this.#crowd.value) / WHOLE) * this.#most).toPrecision(3))
  }

  show(world: World, words: Words): void {
    const { lab, crowd, workers = [] } = world.known
    if (lab === undefined) return
    this.#most = lab.crowdMaxPerSecond
    const perSecond = crowd?.perSecond ?? 0
    if (document.activeElement !== this.#crowd || !this.#crowd.matches(':active'))
      this.#crowd.value = String(Math.round((WHOLE * perSecond) / this.#most))
    const asked = this.#crowd.matches(':active') ? this.#asked() : perSecond
    const percent = lab.capacityPerSecond === null ? '?' : `${Math.round((100 * asked) / lab.capacityPerSecond)} %`
    const refused = crowd !== undefined && crowd.refused > 0 ? ` · ${words.refused(crowd.refused)}` : ''
    const told = `${asked === 0 ? words.crowdNone : words.crowd(figure(asked), percent)}${refused}`
    byId('crowd-words', HTMLOutputElement).textContent = told
    this.#crowd.setAttribute('aria-valuetext', told)
    const key = `${words.unlimited} ${workers.map(({ name }) => name).join()}`
    if (key !== this.#built) this.#build(workers, words)
    this.#built = key
    for (const { name, prefetch, slots } of workers) {
      const slider = byId(`prefetch-${name}`, HTMLInputElement)
      const at = PREFETCHES.indexOf(prefetch)
      if (!slider.matches(':active')) slider.value = String(at < 0 ? PREFETCHES.findIndex(value => value > prefetch) : at)
      const shown = slider.matches(':active') ? PREFETCHES[Number(slider.value)] : prefetch
      byId(`prefetch-${name}-value`, HTMLOutputElement).textContent = shown === 0 ? words.unlimited : String(shown)
      slider.setAttribute('aria-valuetext', shown === 0 ? words.unlimited : String(shown))
      const field = byId(`slots-${name}`, HTMLInputElement)
      if (document.activeElement !== field) field.value = String(slots)
    }
  }

  #build(workers: NonNullable<World['known']['workers']>, words: Words): void {
    const rows = workers.flatMap(({ name }) => {
      const slider = made('input', {
        ...{ type: 'range', id: `prefetch-${name}`, min: '0', max: String(PREFETCHES.length - 1), 'aria-label': words.prefetchOf(name) },
      })
      const slots = made('input', { type: 'number', id: `slots-${name}`, min: '1', max: '64', 'aria-label': words.slotsOf(name) })
      const order = () =>
        this.#act({
          ...{ act: 'orders', worker: name },
          workerPrefetchTasks: PREFETCHES[Number(slider.value)] ?? 1,
          workerSlots: Math.max(1, Math.round(Number(slots.value)) || 1),
        })
      slider.addEventListener('change', order)
      slots.addEventListener('change', order)
      return [made('span', {}, name), slider, made('output', { id: `prefetch-${name}-value` }), slots]
    })
    const head = ['', words.fixed.prefetch, '', words.fixed.slots].map(text => made('span', { class: 'head' }, text))
    byId('workers', HTMLElement).replaceChildren(made('div', { class: 'grid workers' }, ...head, ...rows))
  }
}
