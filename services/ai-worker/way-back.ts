import type { Settings } from '#contracts/settings'
import { TASK_EXCHANGE } from '#contracts/topology'
import type { Broker, Delivery } from '../kit/broker/types.ts'

/** Where the queue names no limit: RabbitMQ's own from 4.0 on. Before, there was none, and a copy does no harm. */
const DEFAULT_DELIVERY_LIMIT = 20

/** How a task goes back to its queue: what to do with its delivery. undefined where the next return would be the last, so that
 *  the broker would dead-letter it and its asker never hear of it.
 *  @param counted its attempt counts. Else it begins anew, as a copy at the end of the queue. */
export async function wayBack(
  delivery: Delivery,
  counted: boolean,
  { settings, broker }: { settings: Settings; broker: Broker },
): Promise<(() => boolean) | undefined> {
  // RabbitMQ 4.3 counts a rejected task towards the delivery limit and a nacked one never; up to 4.2 both count.
  // https://www.rabbitmq.com/docs/nack
  const usual = () => (counted && settings.retryVerb === 'reject' ? delivery.reject(true) : delivery.nack(true))
  const limit = settings.taskDeliveryLimit || DEFAULT_DELIVERY_LIMIT
  // A classic queue counts nothing. Once its channel is gone the task is on its way already.
  if (delivery.deliveryCount === undefined || delivery.deliveryCount < limit || !delivery.alive()) return usual
  if (counted) return undefined
  const { body, routingKey, messageId } = delivery
  const copy = { exchange: TASK_EXCHANGE, routingKey, body, persistent: settings.taskPersistent, mandatory: true }
  const outcome = await broker.publish(messageId === undefined ? copy : { ...copy, messageId }, {
    confirmTimeoutMs: settings.confirmTimeoutMs,
  })
  // Without a confirm there may be a copy all the same: it finds the row that the apology has ended.
  return outcome === 'confirmed' ? () => delivery.ack() : undefined
}
