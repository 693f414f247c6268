import { GPU_PROFILES } from '#contracts/gpu-profiles'

/** What the playground is asked, as it stands in its address. Pure. */

export const ARRIVALS = ['steady', 'busy', 'gap', 'burst', 'backlog'] as const
export type ArrivalKind = (typeof ARRIVALS)[number]
/** Lengths as in a chat service, or all alike. */
export const SIZES = ['varied', 'alike'] as const
export type SizeKind = (typeof SIZES)[number]
export const MODEL_SIZES = ['1.5b', '7b', '8b', '14b', '32b', '70b'] as const

/** How one worker is set. */
export interface Orders {
  prefetch: number
  priority: number
  backlogMin: number
}

export interface Side {
  slots: number
  /** Of each worker. */
  orders: Orders[]
}

export interface State {
  /** A card's name or the milliseconds of a task, for each worker. */
  gpus: (string | number)[]
  model: string
  promptTokens: number
  answerTokens: number
  sizes: SizeKind
  arrivals: ArrivalKind
  /** Of steady, busy and gap. */
  perSecond: number
  /** Of burst and backlog. */
  tasks: number
  gapMs: number
  sloMs: number
  seed: number
  sides: [Side, Side]
}

export const GPUS_MAX = 8
/** More are slow in a browser. */
export const TASKS_MAX = 20_000

/** Least and most of each number, and whether it is whole. */
export const BOUNDS = {
  ms: [1, 86_400_000],
  prompt: [1, 1_000_000],
  answer: [1, 1_000_000],
  rate: [0.001, 1_000],
  tasks: [2, TASKS_MAX],
  link: [0, 3_600_000],
  slo: [1, 86_400_000],
  seed: [0, 2_147_483_647],
  slots: [1, 256],
  prefetch: [0, 65_535],
  priority: [-128, 127],
  min: [0, 1_000_000],
} as const satisfies Record<string, readonly [number, number]>
export type Bounded = keyof typeof BOUNDS
const FRACTIONS: readonly Bounded[] = ['rate', 'link']

export const orders = (prefetch: number): Orders => ({ prefetch, priority: 0, backlogMin: 0 })

/** The article's two cards with its two prefetches. */
export function defaultState(): State {
  return {
    gpus: ['rtx-4090', 'rx-7650-gre'],
    model: '8b',
    promptTokens: 1_155,
    answerTokens: 211,
    sizes: 'varied',
    arrivals: 'steady',
    perSecond: 0.5,
    tasks: 500,
    gapMs: 5,
    sloMs: 30_000,
    seed: 1,
    sides: [250, 1].map(prefetch => ({ slots: 1, orders: [orders(prefetch), orders(prefetch)] })) as [Side, Side],
  }
}

/** Undefined if it is not such a number. */
export function bounded(name: Bounded, text: string): number | undefined {
  const value = Number(text)
  const [least, most] = BOUNDS[name]
  const isSound = /^-?\d*\.?\d+$/.test(text.trim()) && value >= least && value <= most
  return isSound && (FRACTIONS.includes(name) || Number.isInteger(value)) ? value : undefined
}

/** A card's name, or milliseconds. */
export function gpuOf(text: string): string | number | undefined {
  return Object.hasOwn(GPU_PROFILES, text) ? text : bounded('ms', text.replace(/ms$/, ''))
}

/** As many orders as there are workers: a new one is set like the last. */
export function withWorkers(side: Side, count: number): Side {
  const last = side.orders.at(-1) ?? orders(1)
  return { ...side, orders: Array.from({ length: count }, (_, w) => ({ ...(side.orders[w] ?? last) })) }
}
