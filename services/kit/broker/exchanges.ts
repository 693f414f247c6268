import type { Channel } from 'amqplib'
import { CANCELLED_EXCHANGE, DEAD_EXCHANGE, DEAD_QUEUE_DECLARATION, FANOUT_EXCHANGE, TASK_EXCHANGE } from '#contracts/topology'

/** PRECONDITION_FAILED: a queue of this name has other arguments. */
const OTHER_ARGUMENTS = 406
/** Nobody deletes dead tasks unseen: the broker's owner decides. */
const CLASSIC_BEFORE = `Earlier versions declared it as a classic queue. Take out what it holds, then: rabbitmqctl delete_queue ${DEAD_QUEUE_DECLARATION.name} --if-empty. The parts reconnect`

/** Declares exchanges and the dead-letter queue, the same in each part. A worker only checks the
 *  chat exchange, which it may not declare; its set-up retries until a node did. */
export async function declareExchanges(channel: Channel, role: 'im' | 'worker'): Promise<void> {
  if (role === 'im') await channel.assertExchange(FANOUT_EXCHANGE, 'fanout', { durable: true })
  else await channel.checkExchange(FANOUT_EXCHANGE)
  await channel.assertExchange(TASK_EXCHANGE, 'direct', { durable: true })
  await channel.assertExchange(DEAD_EXCHANGE, 'fanout', { durable: true })
  await channel.assertExchange(CANCELLED_EXCHANGE, 'fanout', { durable: true })
  await channel.assertQueue(DEAD_QUEUE_DECLARATION.name, DEAD_QUEUE_DECLARATION.options).catch((error: Error & { code?: unknown }) => {
    throw error.code === OTHER_ARGUMENTS ? new Error(`${error.message}. ${CLASSIC_BEFORE}`, { cause: error }) : error
  })
  await channel.bindQueue(DEAD_QUEUE_DECLARATION.name, DEAD_EXCHANGE, '')
}
