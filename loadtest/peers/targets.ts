/** What is compared with what, and how much better it must be: the table of targets as data. */

export type Load = 'closed-1000' | 'closed-200' | 'rows-1000' | 'open-1000' | 'open-5000' | 'queue' | 'idle'
export type Measure = 'throughput' | 'p50' | 'cpu' | 'rss' | 'generator' | 'connects' | 'connections-per-gib'

export const SYSTEMS = [
  'ours',
  'ours-transient',
  'ours-unbatched',
  'socket.io-redis',
  'socket.io-sharded',
  'socket.io-streams',
  'socket.io-batched',
  'ws-redis',
  'direct',
  'plain',
  'queue-classic',
  'queue-quorum',
  'queue-bullmq',
] as const
export type SystemName = (typeof SYSTEMS)[number]

/** What a user would pick instead; the best of them is R. */
export const ADAPTERS = ['socket.io-redis', 'socket.io-sharded', 'socket.io-streams'] as const satisfies readonly SystemName[]
/** Beyond the full load the streams adapter is left out: it was never the best. */
const ADAPTERS_IN_SHORT = ADAPTERS.slice(0, 2)

export interface TargetPart {
  id: string
  load: Load
  measure: Measure
  system: SystemName
  /** The best of these counts. Empty: the value itself. */
  peers: readonly SystemName[]
  bound: 'at-least' | 'at-most'
  target: number | null
  /** Rows without gate are measured and printed, and do not decide. */
  gate: boolean
}

export interface Target {
  id: number
  what: string
  parts: readonly TargetPart[]
  /** Measured beside it, for the table: where a difference comes from. */
  beside: readonly { load: Load; system: SystemName }[]
}

const part = (id: string, rest: Omit<TargetPart, 'id' | 'gate' | 'system'> & Partial<TargetPart>): TargetPart => ({
  id,
  gate: true,
  system: 'ours',
  ...rest,
})
const least = (target: number | null) => ({ bound: 'at-least' as const, target })
const most = (target: number | null) => ({ bound: 'at-most' as const, target })
const beside = (load: Load, ...systems: SystemName[]) => systems.map(system => ({ load, system }))

export const TARGETS: readonly Target[] = [
  {
    id: 1,
    what: 'chat-against-socket.io',
    parts: [
      part('1-1000', { load: 'closed-1000', measure: 'throughput', peers: ADAPTERS, ...least(1.5) }),
      part('1-rows', { load: 'rows-1000', measure: 'throughput', peers: ADAPTERS_IN_SHORT, ...least(1.35) }),
      part('1-200', { load: 'closed-200', measure: 'throughput', peers: ADAPTERS_IN_SHORT, ...least(1.05) }),
    ],
    beside: beside('closed-1000', 'ours-unbatched', 'ws-redis', 'socket.io-batched'),
  },
  {
    id: 2,
    what: 'chat-against-plain',
    parts: [part('2-1000', { load: 'closed-1000', measure: 'throughput', peers: ['plain'], ...least(10) })],
    beside: [],
  },
  {
    id: 3,
    what: 'chat-against-direct',
    parts: [part('3-1000', { load: 'closed-1000', measure: 'throughput', peers: ['direct'], gate: false, ...least(0.4) })],
    beside: [],
  },
  {
    id: 4,
    what: 'cpu-against-socket.io',
    parts: [part('4-1000', { load: 'closed-1000', measure: 'cpu', peers: ADAPTERS, ...most(0.6) })],
    beside: [],
  },
  {
    id: 5,
    what: 'latency-against-socket.io',
    parts: [
      part('5-1000', { load: 'open-1000', measure: 'p50', peers: ADAPTERS_IN_SHORT, ...most(2.8) }),
      part('5-5000', { load: 'open-5000', measure: 'p50', peers: ADAPTERS_IN_SHORT, gate: false, ...most(null) }),
    ],
    beside: beside('open-1000', 'direct', 'plain'),
  },
  {
    id: 6,
    what: 'transient-against-socket.io',
    parts: [
      part('6-1000', { load: 'closed-1000', measure: 'throughput', system: 'ours-transient', peers: ADAPTERS, ...least(2.2) }),
      part('6-p50', { load: 'open-1000', measure: 'p50', system: 'ours-transient', peers: ADAPTERS_IN_SHORT, ...most(1.3) }),
    ],
    beside: [],
  },
  {
    id: 7,
    what: 'queue-against-bullmq',
    parts: [
      part('7-classic', { load: 'queue', measure: 'throughput', system: 'queue-classic', peers: ['queue-bullmq'], ...least(1.25) }),
      part('7-p50', { load: 'queue', measure: 'p50', system: 'queue-classic', peers: ['queue-bullmq'], ...most(0.8) }),
      part('7-quorum', { load: 'queue', measure: 'p50', system: 'queue-quorum', peers: ['queue-bullmq'], ...most(1.4) }),
    ],
    beside: [],
  },
  {
    id: 9,
    what: 'connections-against-socket.io',
    parts: [
      part('9-memory', { load: 'idle', measure: 'connections-per-gib', peers: ['socket.io-redis'], gate: false, ...least(2.2) }),
      part('9-connects', { load: 'idle', measure: 'connects', peers: ['socket.io-redis'], gate: false, ...least(2) }),
    ],
    beside: [],
  },
  {
    id: 10,
    what: 'memory',
    parts: [part('10-1000', { load: 'open-1000', measure: 'rss', peers: [], gate: false, ...most(2_048) })],
    beside: [],
  },
  {
    id: 11,
    what: 'generator',
    parts: [part('11-1000', { load: 'closed-1000', measure: 'generator', peers: [], gate: false, ...most(15) })],
    beside: [],
  },
]

/** By number (`1`: all of its parts) or by part (`1-rows`). undefined: a name is unknown. */
export function targetsNamed(names: readonly string[]): Target[] | undefined {
  const asked = TARGETS.map(target => {
    const whole = names.includes(String(target.id))
    const parts = target.parts.filter(({ id }) => whole || names.includes(id))
    return { ...target, parts, beside: whole ? target.beside : [] }
  })
  const known = new Set(TARGETS.flatMap(({ id, parts }) => [String(id), ...parts.map(one => one.id)]))
  return names.every(name => known.has(name)) ? asked.filter(({ parts }) => parts.length > 0) : undefined
}

/** Each load with its systems; `gated` ones are repeated as often as a gate needs. */
export function pairsOf(targets: readonly Target[]): { load: Load; systems: { system: SystemName; gated: boolean }[] }[] {
  const byLoad = new Map<Load, Map<SystemName, boolean>>()
  const add = (load: Load, system: SystemName, gated: boolean) => {
    const systems = byLoad.get(load) ?? new Map<SystemName, boolean>()
    systems.set(system, gated || (systems.get(system) ?? false))
    byLoad.set(load, systems)
  }
  for (const { parts, beside: others } of targets) {
    for (const { load, system, peers, gate } of parts) for (const one of [system, ...peers]) add(load, one, gate)
    for (const { load, system } of others) add(load, system, false)
  }
  return [...byLoad].map(([load, systems]) => ({ load, systems: [...systems].map(([system, gated]) => ({ system, gated })) }))
}
