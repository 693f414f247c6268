import { isIP } from 'node:net'
import { z } from 'zod'
import type { ManagementAddress } from '../lab/own-broker/management-api.ts'
import { generationOf } from './generation.ts'
import { Management } from './management.ts'
import { growthPerSecond, ratesOf, silentMs } from './rates.ts'
import type { PartName, Snapshot, Unseen } from './snapshot.ts'
import * as wire from './wire.ts'

/** One look at a broker, in about a dozen requests: whole lists with few columns while they are
 *  short, else pages of those that hold most. */

/** Longer lists come in pages, the first of them alone. */
const WHOLE_MAX = 6_000
/** The broker allows no more. */
const PAGE = 500
const PAGES_MAX = 2
/** Some come and go meanwhile. */
const MOST = 0.9
/** Before, no broker lists what it will drop. */
const DEPRECATION_LISTED = 3.13

/** What the broker remembers of lengths and rates: ten minutes, sampled the coarser the more. */
function history(items: number): string {
  const everySeconds = items <= 300 ? 10 : items <= 1_500 ? 30 : 120
  return `lengths_age=600&lengths_incr=${everySeconds}&msg_rates_age=600&msg_rates_incr=${everySeconds}`
}

const COLUMNS = {
  nodes: 'name,running,mem_alarm,disk_free_alarm,mem_used,mem_limit,disk_free,disk_free_limit,partitions',
  queues:
    'vhost,name,type,durable,exclusive,auto_delete,arguments,effective_policy_definition,messages_ready,messages_unacknowledged,message_bytes_unacknowledged,messages,messages_persistent,consumers,delivery_limit,members,messages_details.samples,message_stats.ack_details,message_stats.deliver_details,message_stats.redeliver_details,message_stats.publish_details',
  channels:
    'name,connection_details.name,consumer_count,messages_unacknowledged,global_prefetch_count,message_stats.publish,message_stats.ack_details,message_stats.deliver_details,message_stats.drop_unroutable_details',
  consumers: 'queue,consumer_tag,channel_details.name,ack_required,prefetch_count,active,consumer_timeout',
  connections: 'name,user,user_provided_name,client_properties,peer_host,state,timeout',
  exchanges: 'vhost,name,type',
  bindings: 'vhost,source,destination,routing_key',
} as const

export async function readBroker(address: ManagementAddress, signal: AbortSignal): Promise<Snapshot> {
  const startedMs = performance.now()
  const takenAt = new Date().toISOString()
  const api = new Management(address, signal)
  const overview = wire.Overview.parse(await api.first('overview'))
  const totals = overview.object_totals
  const off = overview.disable_stats
  const unseen: Unseen[] = []

  async function list<T>(what: PartName, path: string, type: z.ZodType<T>): Promise<T[]> {
    const answer = await api.get(path)
    if ('refused' in answer) unseen.push({ what, why: answer.refused })
    // Pages come as an object.
    return 'refused' in answer
      ? []
      : z.union([z.array(type), z.object({ items: z.array(type) }).transform(({ items }) => items)]).parse(answer.body)
  }

  async function long<T>(
    what: 'queues' | 'channels' | 'connections',
    total: number | undefined,
    type: z.ZodType<T>,
    sort: string,
  ): Promise<T[]> {
    const query = `columns=${COLUMNS[what]}&${history(total ?? 0)}${off ? '&enable_queue_totals=true' : ''}`
    if ((total ?? 0) <= WHOLE_MAX) return list(what, `${what}?${query}`, type)
    const found: T[] = []
    for (let page = 1; page <= PAGES_MAX; page += 1)
      found.push(...(await list(what, `${what}?page=${page}&page_size=${PAGE}&sort=${sort}&sort_reverse=true&${query}`, type)))
    unseen.push({ what, why: 'part-of-it', seen: found.length, of: total })
    return found
  }

  /** Who has a tag but no permission in a virtual host gets a list without what is there. */
  function expectMost(what: PartName, seen: number, of = 0): void {
    if (seen < MOST * of && !unseen.some(one => one.what === what)) unseen.push({ what, why: 'no-rights', seen, of })
  }

  const queues = await long('queues', totals.queues, wire.Queue, 'messages_unacknowledged')
  expectMost('queues', queues.length, totals.queues)
  if (queues.some(queue => queue.effective_policy_definition === undefined))
    unseen.push({ what: 'policies', why: off ? 'stats-disabled' : 'not-offered' })
  const nodes = await list('nodes', `nodes?columns=${COLUMNS.nodes}`, wire.Node)
  const unless = async <T>(what: PartName, read: () => Promise<T[]>): Promise<T[]> => {
    if (!off) return read()
    unseen.push({ what, why: 'stats-disabled' })
    return []
  }
  if (nodes.some(({ mem_alarm }) => mem_alarm === undefined)) unseen.push({ what: 'nodes', why: off ? 'stats-disabled' : 'no-rights' })
  const channels = await unless('channels', () => long('channels', totals.channels, wire.Channel, 'messages_unacknowledged'))
  const consumers = await unless('consumers', () => list('consumers', `consumers?columns=${COLUMNS.consumers}`, wire.Consumer))
  const connections = await unless('connections', () => long('connections', totals.connections, wire.Connection, 'name'))
  if (!off) expectMost('consumers', consumers.length, totals.consumers)
  const exchanges = await list('exchanges', `exchanges?columns=${COLUMNS.exchanges}`, wire.Exchange)
  const bindings = await list('bindings', `bindings?columns=${COLUMNS.bindings}`, wire.Binding)
  const version = overview.product_version ?? overview.rabbitmq_version ?? overview.management_version
  const deprecated =
    generationOf(version) < DEPRECATION_LISTED ? [] : await list('deprecated-features', 'deprecated-features/used', wire.Deprecated)
  if (overview.rates_mode === 'none') unseen.push({ what: 'rates', why: 'no-history' })

  return {
    kind: 'prefetch-lab broker snapshot',
    schemaVersion: 1,
    takenAt,
    tookMs: Math.round(performance.now() - startedMs),
    requests: api.requests,
    version,
    masked: false,
    unseen,
    nodes: nodes.map(nodeSeen),
    queues: queues.map(queueSeen),
    channels: channels.map(channelSeen),
    consumers: consumers.map(consumerSeen),
    connections: connections.map(connectionSeen),
    exchanges,
    bindings: bindings.filter(({ source }) => source !== '').map(({ routing_key: routingKey, ...rest }) => ({ ...rest, routingKey })),
    deprecated: deprecated.map(({ name }) => name),
  }
}

const nodeSeen = (node: z.infer<typeof wire.Node>): Snapshot['nodes'][number] => ({
  name: node.name,
  running: node.running,
  memoryAlarm: node.mem_alarm,
  diskAlarm: node.disk_free_alarm,
  memoryBytes: node.mem_used,
  memoryLimitBytes: node.mem_limit,
  diskFreeBytes: node.disk_free,
  diskFreeLimitBytes: node.disk_free_limit,
  partitions: node.partitions.length,
})

function queueSeen(queue: z.infer<typeof wire.Queue>): Snapshot['queues'][number] {
  const policy = Object.entries(queue.effective_policy_definition ?? {}).map(([key, value]) => [
    key.startsWith('ha-') ? key : `x-${key}`,
    value,
  ])
  return {
    vhost: queue.vhost,
    name: queue.name,
    type: queue.type,
    durable: queue.durable,
    exclusive: queue.exclusive,
    autoDelete: queue.auto_delete,
    arguments: { ...Object.fromEntries(policy), ...queue.arguments },
    policySeen: queue.effective_policy_definition !== undefined,
    ready: queue.messages_ready,
    unacked: queue.messages_unacknowledged,
    unackedBytes: queue.message_bytes_unacknowledged,
    persistent: queue.messages_persistent,
    consumers: queue.consumers,
    // -1 where statistics are off.
    deliveryLimit: typeof queue.delivery_limit === 'number' && queue.delivery_limit < 0 ? 'unlimited' : queue.delivery_limit,
    replicas: queue.members?.length,
    perSecond: ratesOf(queue.message_stats),
    growthPerSecond: growthPerSecond(queue.messages_details?.samples),
  }
}

const channelSeen = (channel: z.infer<typeof wire.Channel>): Snapshot['channels'][number] => ({
  name: channel.name,
  connection: channel.connection_details.name,
  consumers: channel.consumer_count,
  unacked: channel.messages_unacknowledged,
  sharedPrefetch: channel.global_prefetch_count,
  perSecond: ratesOf(channel.message_stats),
  silentMs: silentMs(channel.message_stats),
  published: channel.message_stats.publish,
})

const consumerSeen = (consumer: z.infer<typeof wire.Consumer>): Snapshot['consumers'][number] => ({
  vhost: consumer.queue.vhost,
  queue: consumer.queue.name,
  tag: consumer.consumer_tag,
  channel: consumer.channel_details.name,
  ackRequired: consumer.ack_required,
  prefetch: consumer.prefetch_count,
  active: consumer.active,
  timeoutMs: consumer.consumer_timeout,
})

const connectionSeen = (connection: z.infer<typeof wire.Connection>): Snapshot['connections'][number] => ({
  name: connection.name,
  client: connection.user_provided_name ?? connection.client_properties.connection_name,
  user: connection.user,
  product:
    [connection.client_properties.product, connection.client_properties.platform].filter(part => part !== undefined).join(' ') || undefined,
  fromLoopback: isLoopback(connection.peer_host),
  state: connection.state,
  heartbeatSeconds: connection.timeout,
})

/** Of a direct connection (a plugin's) the broker gives no host. */
function isLoopback(host: string | undefined): boolean {
  if (host === undefined || isIP(host) === 0) return true
  return host.startsWith('127.') || host === '::1' || host.startsWith('::ffff:127.')
}
