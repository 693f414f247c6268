/** A k6 script's environment variables, the only arguments that k6 passes. Pure, shared. */
export interface K6Settings {
  /** HTTP addresses of the IM nodes. */
  nodes: string[]
  /** The lab's secret. */
  secret: string
  /** Prefix of the users' names: a fresh one gives fresh conversations. */
  run: string
  /** Connected users of all VUs; chat: an even number, partners on different nodes. */
  users: number
  /** Sends per second of all users together, open loop. */
  ratePerSecond: number
  /** Measured part. Milliseconds. */
  forMs: number
  /** Sent before it and judged like the rest, but in no latency. Milliseconds. */
  warmUpMs: number
  /** Time to connect before the first send. Milliseconds from k6's start. */
  connectMs: number
  /** What is still on its way at the end is waited for this long. Milliseconds. */
  drainMs: number
  /** JavaScript runtimes; each is one thread of its own and holds its share of the users. */
  vus: number
  /** Length of a chat message's text. Bytes. */
  bodyBytes: number
  /** Tokens of each answer of a simulated GPU; 0 = its own draw. */
  answerTokens: number
  /** Latency threshold: p99 from the intended send until it is seen. Milliseconds, 0 = none. */
  p99LimitMs: number
}

const NUMBERS = {
  users: { name: 'USERS', otherwise: 200, least: 1 },
  ratePerSecond: { name: 'RATE_PER_SECOND', otherwise: 100, least: 0.01 },
  forMs: { name: 'FOR_MS', otherwise: 10_000, least: 1_000 },
  warmUpMs: { name: 'WARM_UP_MS', otherwise: 2_000, least: 0 },
  connectMs: { name: 'CONNECT_MS', otherwise: 5_000, least: 100 },
  drainMs: { name: 'DRAIN_MS', otherwise: 10_000, least: 0 },
  vus: { name: 'VU_COUNT', otherwise: 4, least: 1 },
  bodyBytes: { name: 'BODY_BYTES', otherwise: 200, least: 1 },
  answerTokens: { name: 'ANSWER_TOKENS', otherwise: 0, least: 0 },
  p99LimitMs: { name: 'P99_LIMIT_MS', otherwise: 0, least: 0 },
} as const

type NumberKey = keyof typeof NUMBERS
/** So that nothing else in a shell's environment is taken for ours. */
const PREFIX = 'LAB_'
const KEYS = Object.keys(NUMBERS) as NumberKey[]

export function settingsToEnv({ nodes, secret, run, ...numbers }: K6Settings): Record<string, string> {
  const env: Record<string, string> = { LAB_NODES: nodes.join(','), LAB_SECRET: secret, LAB_RUN: run }
  for (const key of KEYS) env[PREFIX + NUMBERS[key].name] = String(numbers[key])
  return env
}

/** Throws naming the variable that is wrong. */
export function settingsFromEnv(env: Readonly<Record<string, string | undefined>>): K6Settings {
  const nodes = (env['LAB_NODES'] ?? '').split(',').filter(node => node !== '')
  const secret = env['LAB_SECRET'] ?? ''
  if (nodes.length === 0) throw new Error('LAB_NODES: expected the HTTP addresses of the IM nodes, comma separated (npm run lab:status)')
  if (secret === '') throw new Error("LAB_SECRET: expected the lab's secret")
  const read = {} as Record<NumberKey, number>
  for (const key of KEYS) {
    const { name, otherwise, least } = NUMBERS[key]
    const text = env[PREFIX + name]
    const value = text === undefined || text === '' ? otherwise : Number(text)
    if (!(value >= least) || value === Number.POSITIVE_INFINITY)
      throw new Error(`${PREFIX}${name}: expected a number of at least ${least}, got ${text}`)
    read[key] = value
  }
  for (const key of ['users', 'vus'] as const)
    if (!Number.isInteger(read[key])) throw new Error(`${PREFIX}${NUMBERS[key].name}: expected a whole number, got ${read[key]}`)
  return { nodes, secret, run: env['LAB_RUN'] || `k6-${Date.now().toString(36)}`, ...read }
}
