import type { Channel, ChannelModel, GetMessage } from 'amqplib'
import { pino } from 'pino'
import { expect, test, vi } from 'vitest'
import { OneConsumer } from './consumer.ts'
import type { Delivery } from './types.ts'

/** Which messages a consumer with a `backlogMin` takes; the channel is a recorder. */

function looking(backlogMin: number, prefetch: number) {
  const queue = { messageCount: 0, consumerCount: 1, looks: 0, gets: 0, acks: 0 }
  const channel = {
    on: () => channel,
    assertQueue: async (name: string) => ({ queue: name }),
    prefetch: async () => ({}),
    checkQueue: async () => {
      queue.looks++
      return { queue: 'q', ...queue }
    },
    async get(): Promise<GetMessage | false> {
      if (queue.messageCount === 0) return false
      queue.messageCount--
      queue.gets++
      return { content: Buffer.from('task'), fields: { routingKey: 'q' }, properties: {} } as GetMessage
    },
    ack: () => void queue.acks++,
  }
  const taken: Delivery[] = []
  const consumer = new OneConsumer(
    {
      queue: { name: 'q', options: { durable: true, exclusive: false, autoDelete: false, arguments: {} } },
      bindings: [],
      prefetch,
      noAck: false,
      backlogMin,
      onDelivery: delivery => void taken.push(delivery),
    },
    pino({ level: 'silent' }),
  )
  const model: Pick<ChannelModel, 'createChannel'> = { createChannel: async () => channel as Pick<Channel, 'get'> as Channel }
  const looksOn = async (times: number) => {
    const from = queue.looks
    await vi.waitFor(() => expect(queue.looks).toBeGreaterThanOrEqual(from + times))
  }
  return { queue, consumer, taken, looksOn, open: () => consumer.open(model as ChannelModel) }
}

test('it leaves fewer to the others, takes from that many on, and no more than its prefetch', async () => {
  const { queue, consumer, taken, looksOn, open } = looking(3, 1)
  queue.messageCount = 2
  await open()
  expect(consumer.active).toBe(true)
  await looksOn(3)
  expect(taken).toHaveLength(0)
  queue.messageCount = 6
  await vi.waitFor(() => expect(taken).toHaveLength(1))
  const looks = queue.looks
  expect(taken[0]!.ack()).toBe(true)
  expect(queue.looks).toBe(looks) // A full one asks nothing.
  await vi.waitFor(() => expect(taken).toHaveLength(2))
  expect([queue.gets, queue.acks, queue.messageCount]).toEqual([2, 1, 4])
  await consumer.cancel()
})

test('where nobody consumes it takes what is there', async () => {
  const { queue, consumer, taken, open } = looking(3, 1)
  Object.assign(queue, { messageCount: 1, consumerCount: 0 })
  await open()
  await vi.waitFor(() => expect(taken).toHaveLength(1))
  await consumer.cancel()
})

test('cancelled it looks no more, resumed it looks again', async () => {
  const { queue, consumer, taken, looksOn, open } = looking(2, 2)
  await open()
  await looksOn(1)
  await consumer.cancel()
  expect(consumer.active).toBe(false)
  queue.messageCount = 5
  await consumer.resume(1)
  await vi.waitFor(() => expect(taken).toHaveLength(1))
  expect(queue.gets).toBe(1)
  consumer.lost()
  expect([consumer.active, taken[0]!.ack()]).toEqual([false, false])
})
