import type { Capability } from './ids.ts'
import type { Settings } from './settings.ts'

/** Names in the broker. Every part declares what it uses, identically, so that no start order is needed. */
export const FANOUT_EXCHANGE = 'chat.fanout'
export const TASK_EXCHANGE = 'bot.direct'
export const DEAD_EXCHANGE = 'bot.dlx'
export const DEAD_QUEUE = 'bot.dead'
/** Fanout: prompts that their askers cancelled, for the workers. */
export const CANCELLED_EXCHANGE = 'bot.cancelled'

/** Work queue of a capability: `chat` -> `bot.tasks`, `chat.14b` -> `bot.tasks.chat.14b`. */
export function taskQueue(capability: Capability): string {
  return capability === 'chat' ? 'bot.tasks' : `bot.tasks.${capability}`
}

/** A queue as amqplib's `assertQueue` takes it. */
export interface QueueDeclaration {
  name: string
  options: { durable: boolean; exclusive: boolean; autoDelete: boolean; arguments: Record<string, string | number | boolean> }
}

/** The work queue of one capability. Two parts that declare it with other arguments would get a 406: both take them from here. */
export function taskQueueDeclaration(
  capability: Capability,
  settings: Pick<Settings, 'taskQueueType' | 'taskQueueMaxTasks' | 'taskDeliveryLimit' | 'taskRetryDelayMs'>,
): QueueDeclaration {
  const declared: QueueDeclaration['options']['arguments'] = {
    // Quorum survives a node and counts deliveries; classic is what most people run today.
    'x-queue-type': settings.taskQueueType,
    // A task that used up its attempts must stay findable.
    'x-dead-letter-exchange': DEAD_EXCHANGE,
  }
  if (settings.taskQueueMaxTasks > 0) {
    declared['x-max-length'] = settings.taskQueueMaxTasks
    // The default, drop-head, would throw the oldest question away in silence; this one nacks the publish, so the asker hears "busy".
    declared['x-overflow'] = 'reject-publish'
  }
  if (settings.taskQueueType === 'quorum' && settings.taskDeliveryLimit > 0) {
    // Explicit, because the default is none up to 3.13 and 20 from 4.0 on; with a limit a requeued task also returns near the head on every version.
    declared['x-delivery-limit'] = settings.taskDeliveryLimit
  }
  if (settings.taskQueueType === 'quorum' && settings.taskRetryDelayMs > 0) {
    // Both kinds, because a nack counts as returned and everything else as failed. Brokers before 4.3 take the arguments and do nothing.
    declared['x-delayed-retry-type'] = 'all'
    declared['x-delayed-retry-min'] = settings.taskRetryDelayMs
    declared['x-delayed-retry-max'] = 10 * settings.taskRetryDelayMs
  }
  return { name: taskQueue(capability), options: { durable: true, exclusive: false, autoDelete: false, arguments: declared } }
}

/** Where dead tasks lie until somebody looks. Classic and durable: nothing consumes it in the normal course. */
export const DEAD_QUEUE_DECLARATION: QueueDeclaration = {
  name: DEAD_QUEUE,
  options: { durable: true, exclusive: false, autoDelete: false, arguments: { 'x-queue-type': 'classic' } },
}

/** An IM node's own queue on the fan-out. Server-named and exclusive by default: it dies with its connection, and the head check heals what was
 *  published meanwhile. With `fanoutQueueName` it is durable and keeps events while the node is away, as in the article; `{node}` becomes the node's name. */
export function fanoutQueueDeclaration(node: string, settings: Pick<Settings, 'fanoutQueueName'>): QueueDeclaration {
  if (settings.fanoutQueueName === '') return { name: '', options: { durable: false, exclusive: true, autoDelete: true, arguments: {} } }
  return {
    name: settings.fanoutQueueName.replaceAll('{node}', node),
    options: { durable: true, exclusive: false, autoDelete: false, arguments: { 'x-queue-type': 'classic' } },
  }
}

/** A worker's own queue of cancelled prompts. Named here and not by the server, whose names no worker may use; not exclusive, since a broker that has not noticed
 *  a lost connection would keep it locked. @param own sets two processes of one name apart. */
export function cancelledQueueDeclaration(worker: string, own: string): QueueDeclaration {
  const limits = { 'x-queue-type': 'classic', 'x-expires': 60_000, 'x-max-length': 10_000 }
  return {
    name: `${CANCELLED_EXCHANGE}.${worker}.${own}`,
    options: { durable: true, exclusive: false, autoDelete: false, arguments: limits },
  }
}

/** Least permissions per broker user, as RabbitMQ's regular expressions. The worker cannot read the chat exchange; nobody but `lab` may look at every queue. */
export const BROKER_PERMISSIONS = {
  im: {
    configure: '^(chat\\..*|im\\..*|bot\\..*|amq\\.gen.*)$',
    write: '^(chat\\..*|im\\..*|bot\\..*|amq\\.gen.*)$',
    read: '^(chat\\..*|im\\..*|bot\\..*|amq\\.gen.*)$',
  },
  worker: { configure: '^bot\\..*$', write: '^(chat\\.fanout|bot\\..*)$', read: '^bot\\..*$' },
  lab: { configure: '.*', write: '.*', read: '.*' },
} as const
export type BrokerRole = keyof typeof BROKER_PERMISSIONS
