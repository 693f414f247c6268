import type { Snapshot } from './snapshot.ts'

/** Names replaced by numbered ones, each by the same one everywhere. What the broker itself named
 *  (`amq.`, the virtual host /, guest) stays, since findings are about it. Pure. */
export function masked(snapshot: Snapshot): Snapshot {
  const names = new Map<string, string>()
  const of = (kind: string, name: string) => {
    if (name === '' || name === '/' || name === 'guest' || name.startsWith('amq.')) return name
    const key = `${kind}\n${name}`
    const known = names.get(key) ?? `${kind}-${[...names.keys()].filter(other => other.startsWith(`${kind}\n`)).length + 1}`
    names.set(key, known)
    return known
  }
  const vhost = <T extends { vhost: string }>(one: T) => ({ ...one, vhost: of('vhost', one.vhost) })
  return {
    ...snapshot,
    masked: true,
    nodes: snapshot.nodes.map(node => ({ ...node, name: of('node', node.name) })),
    queues: snapshot.queues.map(queue => ({
      ...vhost(queue),
      name: of('queue', queue.name),
      arguments: maskedArguments(queue.arguments, of),
    })),
    channels: snapshot.channels.map(channel => ({
      ...channel,
      name: of('channel', channel.name),
      connection: of('connection', channel.connection),
    })),
    consumers: snapshot.consumers.map(consumer => ({
      ...vhost(consumer),
      queue: of('queue', consumer.queue),
      tag: of('tag', consumer.tag),
      channel: of('channel', consumer.channel),
    })),
    connections: snapshot.connections.map(connection => ({
      ...connection,
      name: of('connection', connection.name),
      user: of('user', connection.user),
      ...(connection.client === undefined ? {} : { client: of('client', connection.client) }),
    })),
    exchanges: snapshot.exchanges.map(exchange => ({ ...vhost(exchange), name: of('exchange', exchange.name) })),
    bindings: snapshot.bindings.map(binding => ({
      ...vhost(binding),
      source: of('exchange', binding.source),
      destination: of('queue', binding.destination),
      routingKey: of('key', binding.routingKey),
    })),
  }
}

/** Arguments that name something of the user's. */
const NAMING: Record<string, string> = { 'x-dead-letter-exchange': 'exchange', 'x-dead-letter-routing-key': 'queue' }

function maskedArguments(declared: Snapshot['queues'][number]['arguments'], of: (kind: string, name: string) => string) {
  return Object.fromEntries(
    Object.entries(declared).flatMap(([name, value]) => {
      const kind = NAMING[name]
      if (typeof value !== 'string' || name === 'x-queue-type' || name === 'x-overflow' || name === 'ha-mode') return [[name, value]]
      return kind === undefined ? [] : [[name, of(kind, value)]]
    }),
  )
}
