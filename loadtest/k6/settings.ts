import type { HistoryEvent } from '#evidence/history'

/** What goes into a script by environment, and comes out in its samples. Pure. */

/** What a VU sees: the lab's events, and pieces of an answer. Milliseconds of k6's clock. */
export type Seen = HistoryEvent | { kind: 'piece'; atMs: number; task: string }

/** In a sample's metadata: what a VU saw since its last one. `done`: its sends had their time. */
export interface Batch {
  seen: Seen[]
  atMs: number
  done: boolean
}

/** Default and least value of each number. The variable of `forMs` is `LAB_FOR_MS`. */
const NUMBERS = {
  /** Connected users of all VUs together. Chat: an even number. */
  users: [200, 1],
  /** VUs, each a thread with its share of the users. */
  vuCount: [4, 1],
  /** Sends a second of all users together, open loop. */
  ratePerSecond: [100, 0.01],
  /** Measured part; the warm-up before it is judged like the rest, but in no latency. */
  forMs: [10_000, 1_000],
  warmUpMs: [2_000, 0],
  /** From k6's start to the first send: everybody logs in and connects. */
  connectMs: [5_000, 100],
  /** Longest wait for what is on its way at the end. */
  drainMs: [10_000, 0],
  /** Length of a chat message. */
  bodyBytes: [200, 1],
  /** Tokens of each answer of a simulated GPU; 0: its own draw. */
  answerTokens: [0, 0],
  /** Limit of the p99 from the intended send until it is seen; 0: none. */
  p99LimitMs: [0, 0],
  /** 1: what each VU sees is in k6's samples, for the lab's checks. */
  events: [0, 0],
} as const

export type K6Settings = Record<keyof typeof NUMBERS, number> & {
  /** HTTP addresses of the IM nodes; in `LAB_NODES` comma separated. */
  nodes: string[]
  secret: string
  /** Prefix of the users' names. A fresh one gives fresh conversations. */
  run: string
}

const nameOf = (key: string) => `LAB_${key.replace(/[A-Z]/g, '_$&').toUpperCase()}`

export function settingsToEnv(settings: Partial<K6Settings>): Record<string, string> {
  return Object.fromEntries(Object.entries(settings).map(([key, value]) => [nameOf(key), String(value)]))
}

/** Throws an error that names the wrong variable. */
export function settingsFromEnv(env: Readonly<Record<string, string | undefined>>): K6Settings {
  const nodes = (env['LAB_NODES'] ?? '').split(',').filter(node => node !== '')
  if (nodes.length === 0) throw new Error('LAB_NODES: expected the HTTP addresses of the IM nodes, comma separated (npm run lab:status)')
  const secret = env['LAB_SECRET']
  if (!secret) throw new Error("LAB_SECRET: expected the lab's secret")
  const numbers = Object.entries(NUMBERS).map(([key, [standard, least]]) => {
    const value = Number(env[nameOf(key)] || standard)
    const whole = key === 'users' || key === 'vuCount'
    if (!(value >= least && value < Number.POSITIVE_INFINITY) || (whole && value % 1 !== 0))
      throw new Error(`${nameOf(key)}: expected a ${whole ? 'whole ' : ''}number of at least ${least}, got ${env[nameOf(key)]}`)
    return [key, value]
  })
  return { ...Object.fromEntries(numbers), nodes, secret, run: env['LAB_RUN'] || `k6-${Date.now().toString(36)}` }
}
