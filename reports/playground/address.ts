import {
  ARRIVALS,
  type Bounded,
  bounded,
  defaultState,
  GPUS_MAX,
  gpuOf,
  MODEL_SIZES,
  type Orders,
  SIZES,
  type Side,
  type State,
  withWorkers,
} from './state.ts'

/** The state in the fragment of an address, so that a link shows the same. Pure. */

const SIDES = ['a', 'b'] as const
/** One number each: its name in the address, and in the state. */
const NUMBERS = {
  prompt: 'promptTokens',
  answer: 'answerTokens',
  rate: 'perSecond',
  tasks: 'tasks',
  link: 'gapMs',
  slo: 'sloMs',
  seed: 'seed',
} as const satisfies Partial<Record<Bounded, keyof State>>
const LISTS = { prefetch: 'prefetch', priority: 'priority', min: 'backlogMin' } as const satisfies Partial<Record<Bounded, keyof Orders>>

/** One for all if they are alike. */
export const oneForAll = (list: readonly number[]): readonly number[] => (new Set(list).size === 1 ? list.slice(0, 1) : list)

/** Without what is as by default. */
export function addressOf(state: State): string {
  const byDefault = defaultState()
  const words: string[] = []
  const say = (name: string, value: string, usual: string) => value !== usual && words.push(`${name}=${value}`)
  const gpus = ({ gpus: list }: State) => list.map(gpu => (typeof gpu === 'number' ? `${gpu}ms` : gpu)).join(',')
  say('gpus', gpus(state), gpus(byDefault))
  say('model', state.model, byDefault.model)
  say('sizes', state.sizes, byDefault.sizes)
  say('arrivals', state.arrivals, byDefault.arrivals)
  for (const [name, key] of Object.entries(NUMBERS)) say(name, String(state[key]), String(byDefault[key]))
  for (const [i, letter] of SIDES.entries()) {
    const [side, usual] = [state.sides[i]!, byDefault.sides[i]!]
    for (const [name, key] of Object.entries(LISTS)) {
      const list = (of: Side) => oneForAll(of.orders.map(each => each[key])).join(',')
      say(`${letter}.${name}`, list(side), list(usual))
    }
    say(`${letter}.slots`, String(side.slots), String(usual.slots))
  }
  return words.length === 0 ? '' : `#${words.join('&')}`
}

/** What is not understood keeps its default and is named. */
export function stateOf(address: string): { state: State; refused: string[] } {
  const state = defaultState()
  const refused: string[] = []
  const given = new Map<string, string>()
  for (const word of address.replace(/^#/, '').split('&').filter(Boolean)) {
    const [name = '', ...value] = word.split('=')
    given.set(name, value.join('='))
  }
  const take = <T>(name: string, parse: (text: string) => T | undefined, set: (value: T) => void) => {
    const text = given.get(name)
    given.delete(name)
    const value = text === undefined ? undefined : parse(text)
    if (value !== undefined) set(value)
    else if (text !== undefined) refused.push(name)
  }
  const oneOf =
    <T extends string>(list: readonly T[]) =>
    (text: string) =>
      list.find(one => one === text)
  take('gpus', gpusOf, gpus => {
    state.gpus = gpus
  })
  take('model', oneOf(MODEL_SIZES), model => {
    state.model = model
  })
  take('sizes', oneOf(SIZES), kind => {
    state.sizes = kind
  })
  take('arrivals', oneOf(ARRIVALS), kind => {
    state.arrivals = kind
  })
  for (const [name, key] of Object.entries(NUMBERS))
    take(
      name,
      text => bounded(name as keyof typeof NUMBERS, text),
      value => {
        state[key] = value
      },
    )
  const count = state.gpus.length
  state.sides = state.sides.map((usual, i): Side => {
    const side = withWorkers(usual, count)
    for (const [name, key] of Object.entries(LISTS))
      take(
        `${SIDES[i]}.${name}`,
        text => listOf(name as keyof typeof LISTS, text, count),
        list => {
          for (const [w, each] of side.orders.entries()) each[key] = list[w] ?? list[0]!
        },
      )
    take(
      `${SIDES[i]}.slots`,
      text => bounded('slots', text),
      slots => {
        side.slots = slots
      },
    )
    return side
  }) as [Side, Side]
  return { state, refused: [...refused, ...given.keys()] }
}

function gpusOf(text: string): (string | number)[] | undefined {
  const gpus = text.split(',').map(gpuOf)
  return gpus.length <= GPUS_MAX && !gpus.includes(undefined) ? (gpus as (string | number)[]) : undefined
}

function listOf(name: Bounded, text: string, count: number): number[] | undefined {
  const list = text.split(',').map(one => bounded(name, one))
  return (list.length === 1 || list.length === count) && !list.includes(undefined) ? (list as number[]) : undefined
}
