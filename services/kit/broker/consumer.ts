import type { Channel, ChannelModel, ConsumeMessage, GetMessage } from 'amqplib'
import { fullJitterMs } from '#contracts/backoff'
import { BACKLOG_LOOK_MS } from '#contracts/limits'
import { pause, withDeadline } from '../deadline.ts'
import type { Log } from '../log.ts'
import type { ConsumeOptions, Consumer, Delivery } from './types.ts'

const REOPEN_BASE_MS = 50
const REOPEN_CAP_MS = 2_000
/** A queue without a majority of its nodes answers nothing. Milliseconds. */
const REOPEN_WITHIN_MS = 8_000

/** A consumer on its own channel, so channel errors stay apart. Renewed after each reconnect. */
export class OneConsumer implements Consumer {
  readonly #options: ConsumeOptions
  readonly #log: Log
  #model: ChannelModel | undefined
  #channel: Channel | undefined
  #tag: string | undefined
  #wanted = true
  #prefetch: number
  /** Rises whenever a consumer ends: one confirmed later is ended at once. */
  #round = 0
  #unsettled = 0

  constructor(options: ConsumeOptions, log: Log) {
    this.#options = options
    this.#prefetch = options.prefetch
    this.#log = log
  }

  get active(): boolean {
    return this.#tag !== undefined || this.#looks
  }
  /** Gets single tasks instead of consuming. */
  #looks = false

  async open(model: ChannelModel): Promise<void> {
    this.#model = model
    const { bindings } = this.#options
    const channel = await model.createChannel()
    channel.on('error', (error: Error) =>
      this.#log.error({ queue: this.#options.queue.name, reason: error.message }, 'consumer channel failed'),
    )
    channel.on('close', () => {
      if (this.#channel !== channel) return
      this.lost()
      // Only the channel fell (a late ack, a deleted queue): open another.
      if (this.#model === model) void this.#reopen(model)
    })
    this.#channel = channel
    this.#queue = '' // Not declared on this channel yet: until then nobody else consumes on it.
    const { name, options } = this.#options.queue
    const { queue } = await channel.assertQueue(name, options)
    for (const { exchange, type, routingKey } of bindings) {
      await channel.assertExchange(exchange, type, { durable: true })
      await channel.bindQueue(queue, exchange, routingKey)
    }
    this.#queue = queue
    if (this.#wanted) await this.#consume(channel, queue)
  }
  #queue = ''

  /** At once, then with back-off: a queue whose node is down is refused until that comes back. */
  async #reopen(model: ChannelModel): Promise<void> {
    if (this.#reopening) return
    this.#reopening = true
    for (let failures = 0; this.#model === model && this.#channel === undefined; failures += 1) {
      if (failures > 0) await pause(fullJitterMs(failures, REOPEN_BASE_MS, REOPEN_CAP_MS))
      if (this.#model !== model) break
      await withDeadline(this.open(model), REOPEN_WITHIN_MS, `consumer of ${this.#options.queue.name}`).catch((error: Error) => {
        const hung = this.#channel
        this.lost()
        // Closing, it takes no further command: what it answers later consumes nothing.
        hung?.close().catch(() => undefined)
        this.#log.error({ failures: failures + 1, reason: error.message }, 'consumer not re-opened')
      })
    }
    this.#reopening = false
  }
  #reopening = false

  /** Its connection is gone: deliveries of it can be settled no more. */
  lost(): void {
    this.#round += 1
    this.#channel = undefined
    this.#tag = undefined
    this.#looks = false
    this.#unsettled = 0
  }

  torn(): void {
    this.#model = undefined
    this.lost()
  }

  async cancel(): Promise<void> {
    this.#wanted = false
    this.#round += 1
    const tag = this.#tag
    this.#tag = undefined
    this.#looks = false
    // A closed channel consumes nothing.
    if (tag !== undefined) await this.#channel?.cancel(tag).catch(() => undefined)
  }

  async resume(prefetch = this.#prefetch): Promise<void> {
    this.#wanted = true
    this.#prefetch = prefetch
    if (!this.active && this.#channel !== undefined && this.#queue !== '') await this.#consume(this.#channel, this.#queue)
  }

  async #consume(channel: Channel, queue: string): Promise<void> {
    const { noAck, priority, backlogMin = 0 } = this.#options
    this.#round += 1
    const round = this.#round
    if (backlogMin > 0) {
      this.#looks = true
      void this.#look(channel, queue, backlogMin, round)
      return
    }
    // Prefetch binds consumers created after it; 0 = unlimited.
    await channel.prefetch(this.#prefetch)
    if (round !== this.#round) return
    const { consumerTag } = await channel.consume(queue, message => this.#deliver(channel, message), {
      noAck,
      ...(priority === undefined || priority === 0 ? {} : { priority }),
    })
    if (round === this.#round) this.#tag = consumerTag
    else await channel.cancel(consumerTag)
  }

  /** Nobody pushes what others should have: it asks. Ends with its round or its channel. */
  async #look(channel: Channel, queue: string, backlogMin: number, round: number): Promise<void> {
    while (round === this.#round) {
      if (this.#prefetch === 0 || this.#unsettled < this.#prefetch) {
        try {
          const { messageCount, consumerCount } = await channel.checkQueue(queue)
          const due = messageCount >= backlogMin || (consumerCount === 0 && messageCount > 0)
          const message = due && round === this.#round && (await channel.get(queue, { noAck: this.#options.noAck }))
          // Got after a cancel, it is still ours: the worker gives it back.
          if (message) this.#deliver(channel, message)
        } catch (error) {
          // The channel fell: its close event opens another.
          this.#log.warn({ queue, err: error }, 'looks at the backlog no more on this channel')
          return
        }
      }
      await pause(BACKLOG_LOOK_MS)
    }
  }

  #deliver(channel: Channel, message: ConsumeMessage | GetMessage | null): void {
    if (message === null) {
      // The broker cancelled us (queue deleted, node down): come back on a fresh channel.
      this.#log.warn({ queue: this.#queue }, 'consumer cancelled by the broker')
      this.#tag = undefined
      channel.close().catch(() => undefined)
      return
    }
    const { noAck } = this.#options
    let settled = noAck
    if (!noAck) this.#unsettled += 1
    const settle = (act: () => void): boolean => {
      // On another channel a settle is a 406, which closes that channel for all.
      if (settled || this.#channel !== channel) return noAck
      settled = true
      this.#unsettled -= 1
      act()
      return true
    }
    const count: unknown = message.properties.headers?.['x-delivery-count']
    const messageId: unknown = message.properties.messageId
    const delivery: Delivery = {
      body: message.content,
      routingKey: message.fields.routingKey,
      redelivered: message.fields.redelivered,
      deliveryCount: typeof count === 'number' ? count : undefined,
      messageId: typeof messageId === 'string' ? messageId : undefined,
      alive: () => noAck || (!settled && this.#channel === channel),
      ack: () => settle(() => channel.ack(message)),
      reject: requeue => settle(() => channel.reject(message, requeue)),
      nack: requeue => settle(() => channel.nack(message, false, requeue)),
    }
    this.#options.onDelivery(delivery)
  }
}
