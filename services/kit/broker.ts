import type { Channel } from 'amqplib'
import {
  CANCELLED_EXCHANGE,
  DEAD_EXCHANGE,
  DEAD_QUEUE_DECLARATION,
  FANOUT_EXCHANGE,
  type QueueDeclaration,
  TASK_EXCHANGE,
} from '#contracts/topology'
import { OneConsumer } from './broker-consumer.ts'
import { BrokerLink } from './broker-link.ts'
import { Publisher } from './broker-publisher.ts'
import { withDeadline } from './deadline.ts'
import type { Log } from './log.ts'

/** How a publish ended. `rejected`: the broker nacked it (a full queue). `unknown`: no confirm in time, or the connection was lost after the write: it may
 *  have arrived. `unavailable`: surely not sent (not connected, an alarm, too many in flight). */
export type PublishOutcome = 'confirmed' | 'unroutable' | 'rejected' | 'unknown' | 'unavailable'

export interface Publication {
  exchange: string
  routingKey: string
  body: Buffer
  persistent: boolean
  /** Unroutable is an outcome and not silence. Default false. */
  mandatory?: boolean
  messageId?: string
  headers?: Record<string, string | number>
}

export interface Delivery {
  body: Buffer
  routingKey: string
  redelivered: boolean
  /** `x-delivery-count` of quorum queues. */
  deliveryCount: number | undefined
  messageId: string | undefined
  /** Whether its channel still stands; once it is gone the broker redelivers, to whomever. */
  alive(): boolean
  /** These return false, and do nothing, when the channel of delivery is gone: the broker redelivers by itself. */
  ack(): boolean
  reject(requeue: boolean): boolean
  nack(requeue: boolean): boolean
}

export interface ConsumeOptions {
  queue: QueueDeclaration
  bindings: { exchange: string; type: 'fanout' | 'direct'; routingKey: string }[]
  /** 0 = unlimited. */
  prefetch: number
  noAck: boolean
  /** `x-priority`; 0 = none. */
  priority?: number
  onDelivery(delivery: Delivery): void
}

export interface Consumer {
  /** No new deliveries; what was delivered can still be settled. */
  cancel(): Promise<void>
  /** @param prefetch from now on; default as before. */
  resume(prefetch?: number): Promise<void>
  readonly active: boolean
}

/** Two connections: an alarm blocks every connection that publishes, and settling must go on meanwhile. */
export interface Broker extends AsyncDisposable {
  publish(p: Publication, options: { confirmTimeoutMs: number; confirm?: boolean }): Promise<PublishOutcome>
  /** Declares queue and bindings, consumes, and does it again after each reconnect. Resolves at once; `active` tells. */
  consume(options: ConsumeOptions): Promise<Consumer>
  /** Passive declare: exact at once. null = no such queue, or nobody to ask. */
  counts(queue: string): Promise<{ ready: number; consumers: number } | null>
  readonly state: {
    publishing: 'connected' | 'connecting'
    consuming: 'connected' | 'connecting'
    blocked: boolean
    lastError: string | undefined
  }
  /** After each connect of the consuming connection, once its consumers are back. */
  onReconnected(listener: () => void): void
}

export interface BrokerOptions {
  url: string
  /** The part's name, shown in the broker's list of connections. */
  name: string
  log: Log
  /** Topology beside what the consumers declare themselves; re-run after each reconnect. */
  declare(channel: Channel): Promise<void>
}

const COUNTS_WITHIN_MS = 2_000

/** Returns at once and connects in the background, for ever. */
export function connectBroker({ url, name, log, declare }: BrokerOptions): Broker {
  const publisher = new Publisher()
  const consumers = new Set<OneConsumer>()
  const listeners = new Set<() => void>()
  let looking: Channel | undefined
  let openLooking: (() => Promise<Channel>) | undefined

  const publishing = new BrokerLink({
    url,
    name: `${name} publishes`,
    log,
    async setUp(model) {
      const channel = await model.createChannel()
      channel.on('error', (error: Error) => log.error({ reason: error.message }, 'topology refused'))
      await declare(channel)
      await channel.close()
      await publisher.open(model, reason => publishing.restart(reason))
    },
    tornDown: () => publisher.lost(),
  })
  const consuming = new BrokerLink({
    url,
    name: `${name} consumes`,
    log,
    async setUp(model) {
      const channel = await model.createChannel()
      channel.on('error', () => undefined) // Said by the publishing link already.
      await declare(channel)
      await channel.close()
      openLooking = async () => {
        const channel = await model.createChannel()
        channel.on('error', () => undefined) // A 404 is an answer here.
        channel.on('close', () => {
          if (looking === channel) looking = undefined
        })
        return channel
      }
      for (const consumer of consumers) await consumer.open(model)
      opened = model
      queueMicrotask(() => {
        for (const listener of listeners) listener()
      })
    },
    tornDown() {
      opened = undefined
      looking = undefined
      openLooking = undefined
      for (const consumer of consumers) consumer.torn()
    },
  })
  let opened: Parameters<OneConsumer['open']>[0] | undefined

  return {
    publish(p, options) {
      if (!publishing.connected || publishing.blocked) return Promise.resolve('unavailable')
      return publisher.publish(p, options)
    },
    async consume(options) {
      const consumer = new OneConsumer(options, log)
      consumers.add(consumer)
      if (opened !== undefined)
        await consumer.open(opened).catch((error: Error) => consuming.restart(`consume ${options.queue.name}: ${error.message}`))
      return consumer
    },
    async counts(queue) {
      if (openLooking === undefined) return null
      try {
        looking ??= await withDeadline(openLooking(), COUNTS_WITHIN_MS, 'channel for queue counts')
        const { messageCount, consumerCount } = await withDeadline(looking.checkQueue(queue), COUNTS_WITHIN_MS, `counts of ${queue}`)
        return { ready: messageCount, consumers: consumerCount }
      } catch {
        return null
      }
    },
    get state() {
      return {
        publishing: publishing.connected ? ('connected' as const) : ('connecting' as const),
        consuming: consuming.connected ? ('connected' as const) : ('connecting' as const),
        blocked: publishing.blocked,
        lastError: publishing.lastError ?? consuming.lastError,
      }
    },
    onReconnected: listener => void listeners.add(listener),
    async [Symbol.asyncDispose]() {
      await consuming[Symbol.asyncDispose]()
      await publishing[Symbol.asyncDispose]()
    },
  }
}

/** Exchanges of all parts and the dead-letter queue; identical wherever it runs, so that no start order is needed.
 *  A worker may not declare the chat exchange: it looks whether an IM node has, and its set-up is tried again until one did. */
export async function declareExchanges(channel: Channel, role: 'im' | 'worker'): Promise<void> {
  if (role === 'im') await channel.assertExchange(FANOUT_EXCHANGE, 'fanout', { durable: true })
  else await channel.checkExchange(FANOUT_EXCHANGE)
  await channel.assertExchange(TASK_EXCHANGE, 'direct', { durable: true })
  await channel.assertExchange(DEAD_EXCHANGE, 'fanout', { durable: true })
  await channel.assertExchange(CANCELLED_EXCHANGE, 'fanout', { durable: true })
  await channel.assertQueue(DEAD_QUEUE_DECLARATION.name, DEAD_QUEUE_DECLARATION.options)
  await channel.bindQueue(DEAD_QUEUE_DECLARATION.name, DEAD_EXCHANGE, '')
}
