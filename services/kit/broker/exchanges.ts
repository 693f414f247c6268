import type { Channel } from 'amqplib'
import { CANCELLED_EXCHANGE, DEAD_EXCHANGE, DEAD_QUEUE_DECLARATION, FANOUT_EXCHANGE, TASK_EXCHANGE } from '#contracts/topology'

/** Declares exchanges and the dead-letter queue, the same in each part. A worker only checks the
 *  chat exchange, which it may not declare; its set-up retries until a node did. */
export async function declareExchanges(channel: Channel, role: 'im' | 'worker'): Promise<void> {
  if (role === 'im') await channel.assertExchange(FANOUT_EXCHANGE, 'fanout', { durable: true })
  else await channel.checkExchange(FANOUT_EXCHANGE)
  await channel.assertExchange(TASK_EXCHANGE, 'direct', { durable: true })
  await channel.assertExchange(DEAD_EXCHANGE, 'fanout', { durable: true })
  await channel.assertExchange(CANCELLED_EXCHANGE, 'fanout', { durable: true })
  await channel.assertQueue(DEAD_QUEUE_DECLARATION.name, DEAD_QUEUE_DECLARATION.options)
  await channel.bindQueue(DEAD_QUEUE_DECLARATION.name, DEAD_EXCHANGE, '')
}
