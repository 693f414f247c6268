import type { Settings } from '#contracts/settings'
import { TASK_EXCHANGE } from '#contracts/topology'
import type { Broker, Delivery } from '../kit/broker/types.ts'

/** RabbitMQ's own limit since 4.0. Older brokers have none, where a copy does no harm. */
const DEFAULT_DELIVERY_LIMIT = 20

/** Whether the broker would dead-letter a task at its next return. Classic queues count nothing. */
function isLastDelivery({ deliveryCount }: Delivery, settings: Settings): boolean {
  return deliveryCount !== undefined && deliveryCount >= (settings.taskDeliveryLimit || DEFAULT_DELIVERY_LIMIT)
}

/** Whether a task must go to the queue's end before it begins: the broker would end it without a
 *  word if its worker crashed now. With `taskAttemptsMax=0` that is what the user chose. */
export function mustRenew(delivery: Delivery, settings: Settings): boolean {
  return settings.taskAttemptsMax > 0 && settings.workerAck !== 'automatic' && isLastDelivery(delivery, settings)
}

/** How to requeue a task; undefined if the broker would dead-letter it instead, unseen by its
 *  asker. @param counted the attempt counts; otherwise a copy starts anew at the queue's end. */
export async function wayBack(
  delivery: Delivery,
  counted: boolean,
  { settings, broker }: { settings: Settings; broker: Broker },
): Promise<(() => boolean) | undefined> {
  // 4.3 counts rejected tasks, not nacked ones; 4.2 counts both. https://www.rabbitmq.com/docs/nack
  const usual = () => (counted && settings.retryVerb === 'reject' ? delivery.reject(true) : delivery.nack(true))
  // Once its channel is gone the task is on its way already.
  if (!isLastDelivery(delivery, settings) || !delivery.alive()) return usual
  if (counted) return undefined
  const { body, routingKey, messageId } = delivery
  const copy = { exchange: TASK_EXCHANGE, routingKey, body, persistent: settings.taskPersistent, mandatory: true }
  const outcome = await broker.publish(messageId === undefined ? copy : { ...copy, messageId }, {
    confirmTimeoutMs: settings.confirmTimeoutMs,
  })
  // Unconfirmed, a copy may exist: it will find the row that the apology has ended.
  return outcome === 'confirmed' ? () => delivery.ack() : undefined
}
