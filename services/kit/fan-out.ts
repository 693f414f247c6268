import type { Registry } from 'prom-client'
import { type Delivery, FanoutEvent } from '#contracts/events'
import type { Settings } from '#contracts/settings'
import { FANOUT_EXCHANGE, fanoutQueueDeclaration } from '#contracts/topology'
import type { Broker, PublishOutcome } from './broker/types.ts'
import type { Log } from './log.ts'
import { counter } from './metrics.ts'
import { readMessage } from './read-message.ts'

/** Brings events to the devices of their addressees, on whichever node they are. */
export interface FanOut {
  /** Resolves with the broker's outcome. A worker only publishes. */
  publish(deliveries: readonly Delivery[]): Promise<PublishOutcome>
  /** Transient and unconfirmed: a delivery that is lost costs nothing. */
  tell(deliveries: readonly Delivery[]): void
  /** Each delivery, of any part, reaches each node's listener once. */
  subscribe(listener: (deliveries: readonly Delivery[]) => void): Promise<void>
}

export interface FanOutParts {
  /** Node or worker, unique in the lab: a node drops its own returning batches. */
  from: string
  settings: Pick<Settings, 'fanoutBatching' | 'fanoutQueueName' | 'confirmTimeoutMs' | 'publisherConfirms'>
  broker: Pick<Broker, 'publish' | 'consume'>
  registry: Registry
  log: Pick<Log, 'warn'>
}

export function createFanOut({ from, settings, broker, registry, log }: FanOutParts): FanOut {
  const published = counter(registry, 'chat_fanout_published_total', 'Broker messages published to the fan-out')
  const received = counter(registry, 'chat_fanout_received_total', 'Broker messages received from the fan-out')
  const garbage = counter(registry, 'chat_fanout_garbage_total', 'Broker messages on the fan-out that were not events')
  const confirmTimeoutMs = settings.confirmTimeoutMs
  let deliverHere: (deliveries: readonly Delivery[]) => void = () => undefined

  /** One broker message with these deliveries. */
  function publishOne(deliveries: readonly Delivery[], confirm = settings.publisherConfirms): Promise<PublishOutcome> {
    const event: FanoutEvent = { v: 1, from, deliveries: [...deliveries] }
    published.inc()
    return broker.publish(
      { exchange: FANOUT_EXCHANGE, routingKey: '', body: Buffer.from(JSON.stringify(event)), persistent: false },
      { confirmTimeoutMs, confirm },
    )
  }

  /** As in the article: an event is one broker message to each node, which delivers its own. */
  async function plain(deliveries: readonly Delivery[]): Promise<PublishOutcome> {
    const outcomes = await Promise.all(deliveries.map(delivery => publishOne([delivery])))
    return outcomes.find(outcome => outcome !== 'confirmed') ?? 'confirmed'
  }

  /** Events of one commit or loop turn share a broker message, since messages are what costs. This
   *  node serves its sockets after the confirm and drops its own returning batch. */
  async function batched(deliveries: readonly Delivery[]): Promise<PublishOutcome> {
    const outcome = await publishOne(deliveries)
    // No confirm: the sender hears it, and the head check or a retry delivers.
    if (outcome === 'confirmed') deliverHere(deliveries)
    return outcome
  }

  return {
    publish: settings.fanoutBatching ? batched : plain,
    tell: deliveries => void publishOne(deliveries, false),
    async subscribe(listener) {
      deliverHere = listener
      const own = settings.fanoutBatching ? from : undefined
      await broker.consume({
        queue: fanoutQueueDeclaration(from, settings),
        bindings: [{ exchange: FANOUT_EXCHANGE, type: 'fanout', routingKey: '' }],
        prefetch: 0,
        // Acks would protect nothing: the head check and resume heal what is missed.
        noAck: true,
        onDelivery({ body }) {
          received.inc()
          const event = readMessage(FanoutEvent, body)
          if (event === undefined) {
            garbage.inc()
            log.warn({ bytes: body.length }, 'not a fan-out event')
          } else if (event.from !== own) listener(event.deliveries)
        },
      })
    },
  }
}
