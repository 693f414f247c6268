import type { Channel } from 'amqplib'
import { brokerUrls } from '#contracts/broker-urls'
import { withDeadline } from '../deadline.ts'
import type { Log } from '../log.ts'
import { OneConsumer } from './consumer.ts'
import { BrokerLink } from './link.ts'
import { Publisher } from './publisher.ts'
import type { Broker } from './types.ts'

export interface BrokerOptions {
  /** Of one node, or of several with commas between. */
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
      const restart = (reason: string) => publishing.restart(reason)
      // RabbitMQ 3.10: a channel whose first publish meets a queue without a leader may never get
      // its confirm, nor the next ones. Where other nodes are, it is left for one of them.
      await publisher.open(model, restart, brokerUrls(url).length > 1 ? restart : undefined)
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
