import type { Lab } from '#lab'
import type { DialectName } from './client/dialects.ts'
import { PeerProcess } from './process-pool.ts'
import type { PrivateRedis } from './redis.ts'
import { nodeNames, type PeerArguments } from './servers/process.ts'
import type { SystemName } from './targets.ts'
import { type Kind, labUsed, type Used } from './usage.ts'

/** A chat system with its two nodes running. */
export interface OpenSystem {
  nodes: string[]
  dialect: DialectName
  /** Ours asks for a login. */
  secret?: string
  /** Whether each message is confirmed to its sender. */
  confirms: boolean
  used(): Used[]
}

/** What systems run on. A lab is started when it is first asked for. */
export interface Ground {
  modules: string
  redis: PrivateRedis
  /** @param settings in which it differs from the lab that was asked for */
  lab(settings: Record<string, unknown>): Promise<Lab>
}

const url = (port: number) => `http://127.0.0.1:${port}`

export async function openSystem(name: SystemName, ground: Ground, closing: AsyncDisposableStack): Promise<OpenSystem> {
  switch (name) {
    case 'ours':
      return ourChat(await ground.lab({}))
    case 'ours-unbatched':
      return ourChat(await ground.lab({ fanoutBatching: false }))
    case 'ours-transient':
      return ourChat(await ground.lab({ chatStored: false, publisherConfirms: false }))
    case 'socket.io-redis':
    case 'socket.io-sharded':
    case 'socket.io-streams':
    case 'socket.io-batched':
      return small('servers/socket-io.ts', 'socket.io', { variant: name.slice('socket.io-'.length) }, ground, closing)
    case 'ws-redis':
      return small('servers/ws-redis.ts', 'chat', {}, ground, closing)
    case 'direct':
      return direct(closing)
    case 'plain':
      return plain(await ground.lab({}), ground, closing)
    default:
      throw new Error(`${name} is a queue and carries no chat`)
  }
}

/** The lab's own chat. */
export function ourChat(lab: Lab): OpenSystem {
  return {
    nodes: lab.plan.imNodes.map(node => lab.url(node)),
    dialect: 'chat',
    secret: lab.secret,
    confirms: true,
    used: () => labUsed(lab, ['node', 'broker', 'database']),
  }
}

async function nodesOf(count: number, file: string, given: Partial<PeerArguments>, closing: AsyncDisposableStack) {
  const nodes = nodeNames(count).map(name => closing.use(new PeerProcess(file, { ...given, name })))
  return { nodes, ports: await Promise.all(nodes.map(node => node.address())) }
}

const usedBy = (nodes: readonly PeerProcess[]): Used[] => nodes.map(({ cpuMs, rssMiB }) => ({ kind: 'node', cpuMs, rssMiB }))

async function small(
  file: string,
  dialect: DialectName,
  given: Partial<PeerArguments>,
  { modules, redis }: Ground,
  closing: AsyncDisposableStack,
): Promise<OpenSystem> {
  const { nodes, ports } = await nodesOf(2, file, { ...given, modules, redis: redis.url }, closing)
  const used = (): Used[] => [...usedBy(nodes), { kind: 'redis', cpuMs: redis.cpuMs, rssMiB: redis.rssMiB }]
  return { nodes: ports.map(url), dialect, confirms: false, used }
}

async function direct(closing: AsyncDisposableStack): Promise<OpenSystem> {
  const { nodes, ports } = await nodesOf(2, 'servers/direct.ts', {}, closing)
  const [one, other] = nodes
  if (one !== undefined && other !== undefined) await one.call({ link: await other.address('link') })
  return { nodes: ports.map(url), dialect: 'chat', confirms: false, used: () => usedBy(nodes) }
}

async function plain(lab: Lab, { modules }: Ground, closing: AsyncDisposableStack): Promise<OpenSystem> {
  const given = { modules, ...lab.serverUrls('lab') }
  const { nodes, ports } = await nodesOf(2, 'servers/plain.ts', given, closing)
  const shared: Kind[] = ['broker', 'database']
  return { nodes: ports.map(url), dialect: 'chat', confirms: true, used: () => [...usedBy(nodes), ...labUsed(lab, shared)] }
}

/** Small nodes on the lab's broker: batches go to every node, or to the one that needs them. */
export async function hop(variant: 'fanout' | 'routed', count: number, lab: Lab, closing: AsyncDisposableStack): Promise<OpenSystem> {
  const given = { variant, nodes: count, ...lab.serverUrls('lab') }
  const { nodes, ports } = await nodesOf(count, 'servers/hop.ts', given, closing)
  return { nodes: ports.map(url), dialect: 'chat', confirms: false, used: () => [...usedBy(nodes), ...labUsed(lab, ['broker'])] }
}
