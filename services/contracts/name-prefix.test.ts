import type { Channel, ChannelModel } from 'amqplib'
import { expect, test } from 'vitest'
import { prefixed, prefixOf, withPrefix } from './name-prefix.ts'

/** A channel that writes down what it is asked for. */
async function recording() {
  const asked: unknown[][] = []
  const channel = new Proxy({} as Record<string, unknown>, {
    get: (_, key) => (key === 'then' ? undefined : (...args: unknown[]) => void asked.push([key, ...args])),
  }) as unknown as Channel
  const model = { createChannel: async () => channel, close: async () => undefined } as unknown as ChannelModel
  return { asked, model, channel: await prefixed(model, 'ours.').createChannel() }
}

test('the address carries the prefix', () => {
  expect(prefixOf(withPrefix('amqp://h/team', 'a b.'))).toBe('a b.')
  expect(prefixOf('amqp://h/team')).toBe('')
})

test('without a prefix a connection is itself', async () => {
  const { model } = await recording()
  expect(prefixed(model, '')).toBe(model)
})

test('each name has it once: queues, exchanges, targets of dead letters, keys of the nameless exchange', async () => {
  const { channel, asked } = await recording()
  await channel.assertQueue('q', { durable: true, arguments: { 'x-dead-letter-exchange': 'dlx', 'x-max-length': 1 } })
  await channel.assertQueue('ours.q')
  await channel.assertQueue('d', { arguments: { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'q' } })
  await channel.bindQueue('amq.gen-1', 'chat.fanout', 'key')
  channel.publish('', 'q', Buffer.from('1'))
  channel.publish('e', 'key', Buffer.from('2'))
  channel.sendToQueue('q', Buffer.from('3'))
  await channel.prefetch(5)
  await channel.assertQueue('')
  expect(asked).toEqual([
    ['assertQueue', 'ours.q', { durable: true, arguments: { 'x-dead-letter-exchange': 'ours.dlx', 'x-max-length': 1 } }],
    ['assertQueue', 'ours.q'],
    ['assertQueue', 'ours.d', { arguments: { 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'ours.q' } }],
    ['bindQueue', 'amq.gen-1', 'ours.chat.fanout', 'key'],
    ['publish', '', 'ours.q', Buffer.from('1')],
    ['publish', 'ours.e', 'key', Buffer.from('2')],
    ['sendToQueue', 'ours.q', Buffer.from('3')],
    ['prefetch', 5],
    ['assertQueue', ''],
  ])
})
