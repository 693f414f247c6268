import { randomUUID } from 'node:crypto'
import type { ChannelModel, ConfirmChannel } from 'amqplib'
import type { Publication, PublishOutcome } from './types.ts'

/** Unconfirmed publishes; more end as `unavailable` at once, which bounds memory. */
const IN_FLIGHT_MAX = 4_096

/** One confirm channel. Each publish has exactly one outcome; none waits for the broker. */
export class Publisher {
  #channel: ConfirmChannel | undefined
  /** By our own publish id: how to end a publish whose connection went away. */
  readonly #inFlight = new Map<string, (outcome: PublishOutcome) => void>()
  readonly #returned = new Set<string>()

  #onLate: ((reason: string) => void) | undefined

  /** @param onBroken the channel fell (exchange missing): open a fresh one.
   *  @param onLate a publish was not confirmed in time */
  async open(model: ChannelModel, onBroken: (reason: string) => void, onLate?: (reason: string) => void): Promise<void> {
    const channel = await model.createConfirmChannel()
    let reason = 'publishing channel closed'
    // A confirm for an unroutable message is still an ack; the return comes before it.
    channel.on('return', message => {
      const id: unknown = message.properties.correlationId
      if (typeof id === 'string') this.#returned.add(id)
    })
    channel.on('error', (error: Error) => {
      reason = error.message // 'close' follows.
    })
    channel.on('close', () => {
      if (this.#channel !== channel) return
      this.lost()
      onBroken(reason)
    })
    this.#channel = channel
    this.#onLate = onLate
  }

  /** The channel is gone: what was written and not confirmed may or may not have arrived. */
  lost(): void {
    this.#channel = undefined
    for (const end of [...this.#inFlight.values()]) end('unknown')
  }

  publish(p: Publication, options: { confirmTimeoutMs: number; confirm?: boolean }): Promise<PublishOutcome> {
    const channel = this.#channel
    if (channel === undefined || this.#inFlight.size >= IN_FLIGHT_MAX) return Promise.resolve('unavailable')
    const id = randomUUID()
    const { promise, resolve } = Promise.withResolvers<PublishOutcome>()
    const timer = setTimeout(() => {
      end('unknown')
      if (this.#channel === channel) this.#onLate?.(`no confirm within ${options.confirmTimeoutMs} ms`)
    }, options.confirmTimeoutMs)
    const end = (outcome: PublishOutcome): void => {
      if (!this.#inFlight.delete(id)) return
      clearTimeout(timer)
      this.#returned.delete(id)
      resolve(outcome)
    }
    this.#inFlight.set(id, end)
    try {
      channel.publish(
        p.exchange,
        p.routingKey,
        p.body,
        {
          persistent: p.persistent,
          mandatory: p.mandatory ?? false,
          contentType: 'application/json',
          correlationId: id,
          ...(p.messageId === undefined ? {} : { messageId: p.messageId }),
          ...(p.headers === undefined ? {} : { headers: p.headers }),
        },
        (error: Error | null) => {
          if (this.#returned.has(id)) end('unroutable')
          else if (error === null) end('confirmed')
          // Also called on a channel close; after that the channel is not ours.
          else end(this.#channel === channel && error.message === 'message nacked' ? 'rejected' : 'unknown')
        },
      )
    } catch {
      end('unavailable') // The channel closed under us: nothing was written.
    }
    // The article's way: written is as good as done.
    if (options.confirm === false) end('confirmed')
    return promise
  }
}
