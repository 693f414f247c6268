import type { Registry } from 'prom-client'
import { type Delivery, FanoutEvent } from '#contracts/events'
import type { Settings } from '#contracts/settings'
import { FANOUT_EXCHANGE, fanoutQueueDeclaration } from '#contracts/topology'
import type { Broker, PublishOutcome } from './broker/types.ts'
import type { Log } from './log.ts'
import { counter } from './metrics.ts'
import { readMessage } from './read-message.ts'
import { isReadyBatch, type ReadyRun, readReadyBatch, writeReadyBatch } from './ready-batch.ts'

/** What comes to a node: events to look at, and frames that only have to be written. */
export interface FanOutListener {
  deliveries(deliveries: readonly Delivery[]): void
  /** @param own this part published them: their first user is the sender */
  ready(runs: readonly ReadyRun[], own: boolean): void
}

/** Brings events to the devices of their addressees, on whichever node they are. */
export interface FanOut {
  /** Resolves with the broker's outcome. A worker only publishes. */
  publish(deliveries: readonly Delivery[]): Promise<PublishOutcome>
  /** Transient and unconfirmed: a delivery that is lost costs nothing. */
  tell(deliveries: readonly Delivery[]): void
  /** Each delivery, of any part, reaches each node's listener once. */
  subscribe(listener: FanOutListener): Promise<void>
}

export interface FanOutParts {
  /** Node or worker, unique in the lab: a node drops its own returning batches. */
  from: string
  settings: Pick<Settings, 'fanoutBatching' | 'fanoutQueueName' | 'confirmTimeoutMs' | 'publisherConfirms' | 'robotUser'>
  broker: Pick<Broker, 'publish' | 'consume'>
  registry: Registry
  log: Pick<Log, 'warn'>
}

export function createFanOut({ from, settings, broker, registry, log }: FanOutParts): FanOut {
  const published = counter(registry, 'chat_fanout_published_total', 'Broker messages published to the fan-out')
  const received = counter(registry, 'chat_fanout_received_total', 'Broker messages received from the fan-out')
  const garbage = counter(registry, 'chat_fanout_garbage_total', 'Broker messages on the fan-out that were not events')
  const confirmTimeoutMs = settings.confirmTimeoutMs
  let here: FanOutListener = { deliveries: () => undefined, ready: () => undefined }

  function send(body: Buffer, confirm: boolean): Promise<PublishOutcome> {
    published.inc()
    return broker.publish({ exchange: FANOUT_EXCHANGE, routingKey: '', body, persistent: false }, { confirmTimeoutMs, confirm })
  }

  const asJson = (deliveries: readonly Delivery[]) =>
    Buffer.from(JSON.stringify({ v: 1, from, deliveries: [...deliveries] } satisfies FanoutEvent))

  /** As in the article: an event is one broker message to each node, which delivers its own. */
  async function plain(deliveries: readonly Delivery[], confirm: boolean): Promise<PublishOutcome> {
    return worst(await Promise.all(deliveries.map(delivery => send(asJson([delivery]), confirm))))
  }

  /** Events of one commit or loop turn share a broker message, since messages are what costs. This
   *  node serves its sockets after the confirm and drops its own returning batch. What no node has
   *  to understand travels as ready-made frames (`ready-batch.ts`). */
  async function batched(deliveries: readonly Delivery[], confirm: boolean): Promise<PublishOutcome> {
    const ready = deliveries.filter(isOnlyWritten)
    const others = ready.length === deliveries.length ? [] : deliveries.filter(delivery => !isOnlyWritten(delivery))
    // No confirm: the sender hears it, and the head check or a retry delivers.
    const outcomes = await Promise.all([
      ready.length === 0 ? 'confirmed' : publishReady(ready, confirm),
      others.length === 0 ? 'confirmed' : publishJson(others, confirm),
    ] as const)
    return worst(outcomes)
  }

  async function publishReady(deliveries: readonly Delivery[], confirm: boolean): Promise<PublishOutcome> {
    const { body, runs } = writeReadyBatch(from, deliveries)
    const outcome = await send(body, confirm)
    if (outcome === 'confirmed') here.ready(runs, true)
    return outcome
  }

  async function publishJson(deliveries: readonly Delivery[], confirm: boolean): Promise<PublishOutcome> {
    const outcome = await send(asJson(deliveries), confirm)
    if (outcome === 'confirmed') here.deliveries(deliveries)
    return outcome
  }

  /** Prompts and answers change what a node knows of tasks, as do refusals. */
  function isOnlyWritten({ frame }: Delivery): boolean {
    if (frame.type === 'message') return frame.task === undefined && frame.to !== settings.robotUser
    return frame.type === 'partial' || frame.type === 'loading'
  }

  /** Either form is understood, whichever this node publishes. */
  function receive(body: Buffer): void {
    received.inc()
    const own = settings.fanoutBatching ? from : undefined
    if (isReadyBatch(body)) {
      const runs = readReadyBatch(body, own)
      if (runs === undefined) refuse(body)
      else if (runs !== 'own') here.ready(runs, false)
      return
    }
    const event = readMessage(FanoutEvent, body)
    if (event === undefined) refuse(body)
    else if (event.from !== own) here.deliveries(event.deliveries)
  }

  function refuse(body: Buffer): void {
    garbage.inc()
    log.warn({ bytes: body.length, begins: body.subarray(0, 1).toString('hex') }, 'not a fan-out event, or of another version')
  }

  const publish = settings.fanoutBatching ? batched : plain
  return {
    publish: deliveries => publish(deliveries, settings.publisherConfirms),
    tell: deliveries => void publish(deliveries, false),
    async subscribe(listener) {
      here = listener
      await broker.consume({
        queue: fanoutQueueDeclaration(from, settings),
        bindings: [{ exchange: FANOUT_EXCHANGE, type: 'fanout', routingKey: '' }],
        prefetch: 0,
        // Acks would protect nothing: the head check and resume heal what is missed.
        noAck: true,
        onDelivery: ({ body }) => receive(body),
      })
    },
  }
}

/** Of several publishes that stand for one: the first that did not go well. */
function worst(outcomes: readonly PublishOutcome[]): PublishOutcome {
  return outcomes.find(outcome => outcome !== 'confirmed') ?? 'confirmed'
}
