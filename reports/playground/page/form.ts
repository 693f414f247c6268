import { GPU_PROFILES } from '#contracts/gpu-profiles'
import { byId, made } from '../../canvas/dom.ts'
import {
  ARRIVALS,
  type ArrivalKind,
  BOUNDS,
  type Bounded,
  bounded,
  GPUS_MAX,
  MODEL_SIZES,
  type Orders,
  SIZES,
  type SizeKind,
  type State,
  withWorkers,
} from '../state.ts'

/** The controls: built from a state, and writing into it. */

const ARRIVAL_WORDS: Record<ArrivalKind, string> = {
  steady: 'at random, at a steady rate',
  busy: 'a busy third of the hour, at twice the rate',
  gap: 'none for ten minutes, then all of them at once',
  burst: 'all at once, workers are there',
  backlog: 'all before the first worker connects',
}
const SIZE_WORDS: Record<SizeKind, string> = { varied: 'vary as in a chat service', alike: 'all alike' }
const ORDER_FIELDS = [
  ['prefetch', 'prefetch', 'prefetch, 0 = unlimited'],
  ['priority', 'priority', 'priority'],
  ['min', 'backlogMin', 'takes from … ready'],
] as const satisfies readonly (readonly [Bounded, keyof Orders, string])[]
const MILLISECONDS = 'ms'
/** Of a GPU that was a card before. */
const FIRST_MS = 1_000

export class Form {
  readonly #form = byId('controls', HTMLFormElement)
  readonly #onChange: () => void
  #state: State
  #fields = 0

  constructor(state: State, onChange: () => void) {
    this.#state = state
    this.#onChange = onChange
    this.#form.addEventListener('submit', event => event.preventDefault())
    this.show(state)
  }

  /** Another state, as from an address. */
  show(state: State): void {
    this.#state = state
    this.#fields = 0
    this.#form.replaceChildren(this.#gpus(), this.#load(), ...([0, 1] as const).map(side => this.#side(side)))
  }

  /** Built anew because there are more or fewer controls: the focus goes where it was. */
  #rebuild(): void {
    const focused = document.activeElement?.id
    this.show(this.#state)
    if (focused !== undefined && focused !== '') document.getElementById(focused)?.focus()
    this.#onChange()
  }

  #labelled(label: string, control: HTMLElement): HTMLElement {
    control.id = `field-${this.#fields++}`
    return made('div', { class: 'field' }, made('label', { for: control.id }, label), control)
  }

  #number(name: Bounded, label: string, value: number, set: (value: number) => void): HTMLElement {
    const [least, most] = BOUNDS[name]
    const input = made('input', { type: 'text', inputmode: least < 0 ? 'text' : 'decimal', autocomplete: 'off', value: String(value) })
    const problem = made('span', { class: 'problem', role: 'alert' })
    input.addEventListener('input', () => {
      const given = bounded(name, input.value)
      input.setAttribute('aria-invalid', String(given === undefined))
      problem.textContent = given === undefined ? `expected a number from ${least} to ${most}` : ''
      if (given === undefined) return
      set(given)
      this.#onChange()
    })
    const field = this.#labelled(label, input)
    problem.id = `${input.id}-problem`
    input.setAttribute('aria-describedby', problem.id)
    field.append(problem)
    return field
  }

  #choice<T extends string>(label: string, choices: readonly (readonly [T, string])[], value: T, set: (value: T) => void): HTMLElement {
    const options = choices.map(([name, words]) => new Option(words, name, false, name === value))
    const select = made('select', {}, ...options)
    select.addEventListener('change', () => {
      const chosen = choices.find(([name]) => name === select.value)
      if (chosen !== undefined) set(chosen[0])
    })
    return this.#labelled(label, select)
  }

  #gpus(): HTMLElement {
    const { gpus } = this.#state
    const cards = [...Object.keys(GPU_PROFILES).filter(name => !name.startsWith('synthetic')), MILLISECONDS].map(
      name => [name, name === MILLISECONDS ? 'milliseconds …' : name] as const,
    )
    const rows = gpus.map((gpu, i) => {
      const card = this.#choice(`GPU ${i + 1}`, cards, typeof gpu === 'number' ? MILLISECONDS : gpu, name => {
        gpus[i] = name === MILLISECONDS ? FIRST_MS : name
        this.#rebuild()
      })
      if (typeof gpu !== 'number') return made('div', { class: 'row' }, card)
      const ms = this.#number('ms', 'ms a task', gpu, value => {
        gpus[i] = value
      })
      return made('div', { class: 'row' }, card, ms)
    })
    const count = (label: string, isPossible: boolean, to: number) => {
      const button = made('button', { type: 'button', id: `count-${label}` }, label)
      button.disabled = !isPossible
      button.addEventListener('click', () => {
        this.#state.gpus = Array.from({ length: to }, (_, i) => gpus[i] ?? gpus.at(-1)!)
        this.#state.sides = [withWorkers(this.#state.sides[0], to), withWorkers(this.#state.sides[1], to)]
        this.#rebuild()
      })
      return button
    }
    const { length } = gpus
    const buttons = made(
      'div',
      { class: 'row' },
      count('One more', length < GPUS_MAX, length + 1),
      count('One less', length > 1, length - 1),
    )
    return made('fieldset', {}, made('legend', {}, 'GPUs, a worker each'), ...rows, buttons)
  }

  #load(): HTMLElement {
    const state = this.#state
    const isRate = !['burst', 'backlog'].includes(state.arrivals)
    const number = (name: 'prompt' | 'answer' | 'rate' | 'tasks' | 'link' | 'slo' | 'seed', key: NumberKey, label: string) =>
      this.#number(name, label, state[key], value => {
        state[key] = value
      })
    const rebuilt =
      <K extends 'arrivals' | 'model' | 'sizes'>(key: K) =>
      (value: State[K]) => {
        state[key] = value
        this.#rebuild()
      }
    return made(
      'fieldset',
      {},
      made('legend', {}, 'What is asked'),
      this.#choice(
        'Questions come',
        ARRIVALS.map(kind => [kind, ARRIVAL_WORDS[kind]] as const),
        state.arrivals,
        rebuilt('arrivals'),
      ),
      made(
        'div',
        { class: 'row' },
        isRate ? number('rate', 'perSecond', 'a second') : number('tasks', 'tasks', 'questions'),
        number('seed', 'seed', 'seed'),
      ),
      this.#choice(
        'Model',
        MODEL_SIZES.map(size => [size, `deepseek-r1:${size}`] as const),
        state.model,
        rebuilt('model'),
      ),
      made('div', { class: 'row' }, number('prompt', 'promptTokens', 'prompt tokens'), number('answer', 'answerTokens', 'answer tokens')),
      this.#choice(
        'Lengths',
        SIZES.map(kind => [kind, SIZE_WORDS[kind]] as const),
        state.sizes,
        rebuilt('sizes'),
      ),
      made('div', { class: 'row' }, number('link', 'gapMs', 'link and hand-over, ms'), number('slo', 'sloMs', 'good wait up to, ms')),
    )
  }

  #side(side: 0 | 1): HTMLElement {
    const own = this.#state.sides[side]
    const rows = own.orders.map((orders, i) =>
      made(
        'div',
        { class: 'row', role: 'group', 'aria-label': `worker ${i + 1}` },
        made('span', { class: 'worker' }, `worker ${i + 1}`),
        ...ORDER_FIELDS.map(([name, key, label]) =>
          this.#number(name, label, orders[key], value => {
            orders[key] = value
          }),
        ),
      ),
    )
    const slots = this.#number('slots', 'inferences at a time on a GPU (slots)', own.slots, value => {
      own.slots = value
    })
    return made('fieldset', {}, made('legend', {}, `Setting ${'AB'[side]}`), ...rows, slots)
  }
}

type NumberKey = { [K in keyof State]: State[K] extends number ? K : never }[keyof State]
