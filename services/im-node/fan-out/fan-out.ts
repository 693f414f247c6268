import type { Registry } from 'prom-client'
import { type Delivery, FanoutEvent } from '#contracts/events'
import type { Settings } from '#contracts/settings'
import { FANOUT_EXCHANGE, fanoutQueueDeclaration } from '#contracts/topology'
import type { Broker, PublishOutcome } from '../../kit/broker.ts'
import type { Log } from '../../kit/log.ts'
import { counter } from '../../kit/metrics.ts'
import type { Connections } from '../connections.ts'
import { batched } from './batched.ts'
import { plain } from './plain.ts'

export interface FanOut {
  /** Resolves when the broker has taken it (or not); see PublishOutcome. */
  publish(deliveries: readonly Delivery[]): Promise<PublishOutcome>
  start(): Promise<void>
}

export interface FanOutParts {
  node: string
  settings: Settings
  broker: Broker
  connections: Connections
  registry: Registry
  log: Log
  /** Told of every delivery that passes here, before its sockets get it. */
  onPassing(delivery: Delivery): void
}

/** Both ends of the fan-out on one node. */
export function createFanOut({ node, settings, broker, connections, registry, log, onPassing }: FanOutParts): FanOut {
  const published = counter(registry, 'chat_fanout_published_total', 'Broker messages published to the fan-out')
  const received = counter(registry, 'chat_fanout_received_total', 'Broker messages received from the fan-out')
  const ignored = counter(registry, 'chat_fanout_ignored_total', 'Deliveries ignored because no socket of the addressee is here')
  const garbage = counter(registry, 'chat_fanout_garbage_total', 'Broker messages on the fan-out that were no event')
  const send = settings.fanoutBatching ? batched : plain

  function deliverHere(deliveries: readonly Delivery[]): void {
    for (const delivery of deliveries) {
      onPassing(delivery)
      if (connections.deliver(delivery.to, delivery.frame) === 0) ignored.inc()
    }
  }

  function publishOne(deliveries: readonly Delivery[]): Promise<PublishOutcome> {
    const event: FanoutEvent = { v: 1, from: node, deliveries: [...deliveries] }
    published.inc()
    return broker.publish(
      { exchange: FANOUT_EXCHANGE, routingKey: '', body: Buffer.from(JSON.stringify(event)), persistent: false },
      { confirmTimeoutMs: settings.confirmTimeoutMs, confirm: settings.publisherConfirms },
    )
  }

  return {
    publish: deliveries => send(deliveries, { publish: publishOne, deliverHere }),
    async start() {
      await broker.consume({
        queue: fanoutQueueDeclaration(node, settings),
        bindings: [{ exchange: FANOUT_EXCHANGE, type: 'fanout', routingKey: '' }],
        prefetch: 0,
        // An acknowledgement would protect nothing: what a node misses, the head check and resume bring back.
        noAck: true,
        onDelivery({ body }) {
          received.inc()
          const event = parse(body)
          if (event === undefined) {
            garbage.inc()
            log.warn({ bytes: body.length }, 'not a fan-out event')
          } else if (event.from !== node || !settings.fanoutBatching) deliverHere(event.deliveries)
        },
      })
    },
  }
}

function parse(body: Buffer): FanoutEvent | undefined {
  try {
    return FanoutEvent.parse(JSON.parse(body.toString()))
  } catch {
    return undefined
  }
}
