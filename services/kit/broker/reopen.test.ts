import { EventEmitter } from 'node:events'
import type { Channel, ChannelModel } from 'amqplib'
import { pino } from 'pino'
import { expect, onTestFinished, test, vi } from 'vitest'
import { OneConsumer } from './consumer.ts'

/** A consumer whose channel falls; the channels are recorders. */
function falling(declare: (nth: number) => Promise<void>) {
  const channels: EventEmitter[] = []
  const createChannel = async () => {
    const channel = new EventEmitter()
    const nth = channels.push(channel)
    return Object.assign(channel, {
      assertQueue: async (queue: string) => {
        await declare(nth)
        return { queue }
      },
      prefetch: async () => ({}),
      consume: async () => ({ consumerTag: `tag ${nth}` }),
      close: async () => void channel.emit('close'),
    }) as EventEmitter as Channel
  }
  const queue = { name: 'q', options: { durable: true, exclusive: false, autoDelete: false, arguments: {} } }
  const consumer = new OneConsumer(
    { queue, bindings: [], prefetch: 1, noAck: false, onDelivery: () => undefined },
    pino({ level: 'silent' }),
  )
  return { channels, consumer, open: () => consumer.open({ createChannel } as Pick<ChannelModel, 'createChannel'> as ChannelModel) }
}

/** As RabbitMQ answers for a classic queue whose node is down. */
const refuse = async (channel: EventEmitter | undefined) => {
  channel?.emit('close')
  throw new Error('404: home node of durable queue is down or inaccessible')
}

test('a queue that is refused for a while is declared again with back-off, not in a storm', async () => {
  const { channels, consumer, open } = falling(async nth => (nth > 1 && nth < 5 ? refuse(channels[nth - 1]) : undefined))
  await open()
  const startedMs = performance.now()
  channels[0]?.emit('close')
  expect(consumer.active).toBe(false)
  await vi.waitFor(() => expect(consumer.active).toBe(true), { timeout: 5_000, interval: 5 })
  expect(channels).toHaveLength(5)
  expect(performance.now() - startedMs).toBeLessThan(5_000)
})

test('with its connection gone it stops trying', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const { channels, consumer, open } = falling(async nth => (nth > 1 ? refuse(channels[nth - 1]) : undefined))
  await open()
  channels[0]?.emit('close')
  await vi.advanceTimersByTimeAsync(10_000)
  const before = channels.length
  expect(before).toBeGreaterThanOrEqual(4)
  consumer.torn()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(channels).toHaveLength(before)
})
