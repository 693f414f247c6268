import type { ConnectionSeen } from '../snapshot.ts'
import { type Finding, type FindingCode, placeOf, type Rule } from './rule.ts'

/** Nodes, connections and what a later version takes away. Pure. */

const nodeRule =
  (code: FindingCode, find: (node: Parameters<Rule>[0]['snapshot']['nodes'][number]) => Finding['evidence'] | undefined): Rule =>
  ({ snapshot }) =>
    snapshot.nodes.flatMap(node => {
      const evidence = find(node)
      return evidence === undefined ? [] : [{ code, level: 'now', where: { node: node.name }, evidence }]
    })

const memoryAlarm = nodeRule('memory-alarm', ({ memoryAlarm: alarm, memoryBytes, memoryLimitBytes }) =>
  alarm === true ? { memoryBytes, memoryLimitBytes } : undefined,
)
const diskAlarm = nodeRule('disk-alarm', ({ diskAlarm: alarm, diskFreeBytes, diskFreeLimitBytes }) =>
  alarm === true ? { diskFreeBytes, diskFreeLimitBytes } : undefined,
)
const partition = nodeRule('partition', ({ partitions }) => (partitions > 0 ? { partitions } : undefined))

const named = ({ name, client }: ConnectionSeen) => ({ connection: client ?? name })

const connectionRule =
  (code: FindingCode, level: Finding['level'], find: (connection: ConnectionSeen) => Finding['evidence'] | undefined): Rule =>
  ({ snapshot }) =>
    snapshot.connections.flatMap(connection => {
      const evidence = find(connection)
      return evidence === undefined ? [] : [{ code, level, where: named(connection), evidence }]
    })

const blockedConnection = connectionRule('blocked-connection', 'now', ({ state, product }) =>
  state === 'blocked' || state === 'blocking' ? { state, product } : undefined,
)
const noHeartbeat = connectionRule('no-heartbeat', 'risk', ({ heartbeatSeconds, product }) =>
  heartbeatSeconds === 0 ? { product } : undefined,
)
const guestOutside: Rule = ({ snapshot }) => {
  const outside = snapshot.connections.filter(({ user, fromLoopback }) => user === 'guest' && !fromLoopback)
  const [first] = outside
  return first === undefined
    ? []
    : [{ code: 'guest-outside', level: 'risk', where: named(first), evidence: { connections: outside.length } }]
}

/** An alarm blocks a whole connection as soon as it publishes, its acks too. */
const oneConnection: Rule = ({ snapshot }) => {
  const channels = Map.groupBy(snapshot.channels, ({ connection }) => connection)
  return snapshot.connections.flatMap(connection => {
    const own = channels.get(connection.name) ?? []
    const published = own.reduce((sum, channel) => sum + (channel.published ?? 0), 0)
    const consumers = own.reduce((sum, channel) => sum + channel.consumers, 0)
    if (published === 0 || consumers === 0) return []
    const isBlocked = connection.state === 'blocked' || connection.state === 'blocking'
    const evidence = { published, consumers, isBlocked, product: connection.product }
    return [{ code: 'one-connection', level: isBlocked ? 'now' : 'risk', where: named(connection), evidence }]
  })
}

const unroutable: Rule = ({ snapshot }) => {
  const connections = new Map(snapshot.connections.map(connection => [connection.name, connection]))
  return snapshot.channels.flatMap(({ connection: name, perSecond: { dropUnroutable = 0 } }) => {
    const connection = connections.get(name)
    const where = { connection: connection?.client ?? name }
    return dropUnroutable > 0
      ? [{ code: 'unroutable', level: 'now', where, evidence: { droppedPerSecond: dropUnroutable, product: connection?.product } }]
      : []
  })
}

/** Both lose their queue with one node. */
const mirrored: Rule = ({ queues }) =>
  queues.flatMap(({ queue }) => {
    const mode = queue.arguments['ha-mode']
    return mode === undefined ? [] : [{ code: 'mirrored', level: 'risk', where: placeOf(queue), evidence: { mode: String(mode) } }]
  })
const singleReplica: Rule = ({ queues, snapshot }) => {
  const nodes = snapshot.nodes.filter(({ running }) => running).length
  return queues.flatMap(({ queue }) =>
    queue.type === 'quorum' && queue.replicas === 1 && nodes > 1
      ? [{ code: 'single-replica', level: 'risk', where: placeOf(queue), evidence: { nodes } }]
      : [],
  )
}

/** Used by every broker whose management is on, this look included. */
const OURS = 'management_metrics_collection'
const deprecatedFeature: Rule = ({ snapshot }) =>
  snapshot.deprecated
    .filter(feature => feature !== OURS)
    .map(feature => ({ code: 'deprecated-feature', level: 'risk', where: { feature }, evidence: { version: snapshot.version } }))

export const brokerRules: readonly Rule[] = [
  memoryAlarm,
  diskAlarm,
  partition,
  blockedConnection,
  oneConnection,
  unroutable,
  noHeartbeat,
  guestOutside,
  mirrored,
  singleReplica,
  deprecatedFeature,
]
