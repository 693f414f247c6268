import { FOREIGN_CPU_MAX_PERCENT } from '#evidence/noise'
import type { PartJudged, PeerSample, PeersDocument, Semantics, TargetJudged } from '#evidence/peers-document'
import { isQuiet } from '#evidence/peers-quiet'
import type { Caveat } from '../limits-of-run.ts'
import { milliseconds } from '../load/live.ts'
import { figure } from '../words.ts'

/** The words of a comparison with peers; its data has codes alone. Pure. */

const SYSTEMS: Readonly<Record<string, string>> = {
  ours: 'ours, as asked for',
  'ours-transient': 'ours, transient events',
  'ours-unbatched': 'ours, without batching',
  'socket.io-redis': 'Socket.IO + Redis adapter',
  'socket.io-sharded': 'Socket.IO + sharded adapter',
  'socket.io-streams': 'Socket.IO + streams adapter',
  'socket.io-batched': 'Socket.IO + our batching',
  'ws-redis': 'ws + Redis, our batching',
  direct: 'direct TCP between nodes',
  plain: 'one INSERT, one confirm each',
  'queue-classic': 'our queue code, classic',
  'queue-quorum': 'our queue code, quorum',
  'queue-bullmq': 'BullMQ',
}
export const systemWords = (system: string): string => SYSTEMS[system] ?? system

const LOADS: Readonly<Record<string, string>> = {
  'closed-1000': '1,000 outstanding',
  'closed-200': '200 outstanding',
  'rows-1000': '1,000 outstanding, table filled',
  'open-1000': '1,000 msg/s',
  'open-5000': '5,000 msg/s',
  queue: 'queue hop',
  idle: '5,000 idle connections',
}
export const loadWords = (load: string): string => LOADS[load] ?? load

const TARGETS: Readonly<Record<string, string>> = {
  'chat-against-socket.io': 'chat against Socket.IO + Redis',
  'chat-against-plain': 'chat against one INSERT and one confirm each',
  'chat-against-direct': 'chat against direct TCP',
  'cpu-against-socket.io': 'server CPU per message against Socket.IO + Redis',
  'latency-against-socket.io': 'latency against Socket.IO + Redis',
  'transient-against-socket.io': 'transient events against Socket.IO + Redis',
  'queue-against-bullmq': 'queue hop against BullMQ',
  'connections-against-socket.io': 'idle connections against Socket.IO',
  memory: 'memory of nodes, broker and database',
  generator: 'CPU of the client per message',
}
export const targetWords = ({ what }: Pick<TargetJudged, 'what'>): string => TARGETS[what] ?? what

const MEASURES: Readonly<Record<string, string>> = {
  throughput: 'throughput',
  p50: 'p50',
  cpu: 'CPU per message',
  rss: 'memory',
  generator: 'client CPU',
  connects: 'connects',
  'connections-per-gib': 'connections per GiB',
}

/** `throughput, 1,000 outstanding, ours`. */
export function partWords({ measure, load, system }: PartJudged): string {
  const which = system === 'ours' ? '' : `, ${systemWords(system)}`
  return `${MEASURES[measure] ?? measure}, ${loadWords(load)}${which}`
}

export function valueWords(value: number | null, measure: string): string {
  if (value === null) return '-'
  if (measure === 'connections-per-gib') return rounded(value)
  if (measure === 'throughput' || measure === 'connects') return `${rounded(value)}/s`
  if (measure === 'p50') return `${milliseconds(value)} ms`
  if (measure === 'rss') return `${rounded(value)} MiB`
  return `${figure(value)} µs`
}

const rounded = (value: number) => Math.round(value).toLocaleString('en-US')
const isRatio = ({ peer, theirs }: PartJudged) => peer !== undefined && theirs !== null

/** The ratio and its interval, or the value where nothing is compared. */
export function ratioWords(part: PartJudged): string {
  const { ratio, interval, measure } = part
  if (ratio === null || interval === null) return '-'
  if (!isRatio(part)) return valueWords(ratio, measure)
  return `${ratio.toFixed(2)} x (${interval.map(edge => edge.toFixed(2)).join('-')})`
}

export function goalWords(part: PartJudged): string {
  const { bound, target, measure } = part
  if (target === null) return 'none'
  return `${bound === 'at-least' ? '≥' : '≤'} ${isRatio(part) || part.peer !== undefined ? `${target} x` : valueWords(target, measure)}`
}

const WHY: Readonly<Record<string, string>> = {
  'not-measured': 'not measured',
  'too-few-repetitions': 'too few repetitions',
  'too-noisy': 'too few quiet repetitions',
  'lost-or-doubled': 'messages were lost or doubled',
}

/** `met`, `missed`; a row without gate has its outcome in brackets. */
export function metWords({ met, gate, why }: Pick<PartJudged, 'met' | 'gate' | 'why'>): string {
  const word = why !== undefined ? (WHY[why] ?? why) : met === null ? '-' : met ? 'met' : 'missed'
  return gate || met === null ? word : `(${word})`
}

export function verdictWords({ targets, verdict }: Pick<PeersDocument, 'targets' | 'verdict'>): string {
  const gates = targets.filter(({ gate }) => gate)
  const met = gates.filter(target => target.met === true).length
  if (gates.length === 0) return 'no target with a gate was asked for'
  const missed = gates.filter(target => target.met === false).map(({ id }) => id)
  const open = gates.filter(target => target.met === null).map(({ id }) => id)
  const rest = [
    ...(missed.length > 0 ? [`missed: ${missed.join(', ')}`] : []),
    ...(open.length > 0 ? [`not decided: ${open.join(', ')}`] : []),
  ]
  return `${met} of ${gates.length} targets with a gate met${verdict === 'pass' ? '' : `; ${rest.join('; ')}`}`
}

/** Keys in the order of a table. */
export const PROMISES = ['stored', 'sequenced', 'acknowledged', 'authorised', 'resumes'] as const

export function promisesOf(semantics: Semantics | null): string {
  const kept = semantics === null ? [] : PROMISES.filter(promise => semantics[promise])
  return kept.length === PROMISES.length ? 'all five' : kept.length === 0 ? 'none' : kept.join(', ')
}

/** `node 33 + redis 2`. */
export function cpuWords(cpuUs: Record<string, number>): string {
  return Object.entries(cpuUs)
    .map(([kind, us]) => `${kind} ${us.toFixed(us < 10 ? 1 : 0)}`)
    .join(' + ')
}

export function peerCaveats({ plan, redisPersistence, systems, set }: PeersDocument): Caveat[] {
  const samples = systems.flatMap(({ samples }) => samples)
  const worst = (of: (sample: PeerSample) => number) => Math.max(0, ...samples.map(of))
  const noisy = samples.filter(sample => !isQuiet(sample)).length
  const wrong = systems.flatMap(({ system, load, samples }) => {
    const count = samples.reduce((sum, { lost, duplicates }) => sum + lost + duplicates, 0)
    return count === 0 ? [] : [`${count} by ${systemWords(system)} (${loadWords(load)})`]
  })
  const redis = Object.entries(redisPersistence)
    .map(([name, value]) => `${name} ${value === '' ? '""' : value}`)
    .join(', ')
  const asked = Object.entries(set).map(([name, value]) => `${name}=${String(value)}`)
  return [
    { what: 'One machine.', why: 'Client, nodes, broker, database and Redis share its cores. Ratios count, not absolute figures.' },
    {
      what: 'How it was measured.',
      why: `${plan.users} users, half on each of two nodes; each message goes to one user on the other node, ${plan.bodyBytes} bytes. One client drives all systems. Pieces of ${plan.forMs / 1_000} s after ${plan.warmUpMs / 1_000} s, the systems in turn, ${plan.repetitions} times; rows without gate ${plan.repetitionsUngated} times.`,
    },
    { what: 'Intervals.', why: '95 %, percentile bootstrap of the median of the ratios. A repetition counts once.' },
    { what: 'Redis.', why: `Nothing on the disk: ${redis}.` },
    {
      what: 'The client.',
      why: `At most ${figure(worst(({ generatorUs }) => generatorUs))} µs of CPU per message, taken from the same cores.`,
    },
    {
      what: 'Others.',
      why: `Other processes used at most ${worst(({ foreignPercent }) => foreignPercent).toFixed(0)} % of the machine. Pieces with more than ${FOREIGN_CPU_MAX_PERCENT} % do not count: ${noisy} of ${samples.length}.`,
    },
    { what: 'Lost or doubled.', why: wrong.length === 0 ? 'Nothing, by any system.' : `${wrong.join('; ')}.` },
    { what: 'Ours.', why: `Settings that differ from the defaults: ${asked.join(', ')}.` },
    {
      what: 'What differs.',
      why: 'A ratio to Socket.IO changes framework, bus and batching at once. The rows with our batching on its parts take that apart.',
    },
  ]
}
