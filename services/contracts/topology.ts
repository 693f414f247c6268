import type { Capability } from './ids.ts'
import type { Settings } from './settings.ts'

/** Names in the broker. Each part declares what it uses, identically, in any start order. */
export const FANOUT_EXCHANGE = 'chat.fanout'
export const TASK_EXCHANGE = 'bot.direct'
export const DEAD_EXCHANGE = 'bot.dlx'
export const DEAD_QUEUE = 'bot.dead'
/** Answers of workers that are not ours (scenario `worker-contract`). */
export const ANSWER_QUEUE = 'bot.answers'
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

/** A capability's work queue. Other arguments get a 406, so all parts take them from here. */
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
    // drop-head, the default, loses the oldest question; this nacks: the asker hears "busy".
    declared['x-overflow'] = 'reject-publish'
  }
  if (settings.taskQueueType === 'quorum' && settings.taskDeliveryLimit > 0) {
    // No default up to 3.13, 20 since 4.0; a limit also returns requeued tasks near the head.
    declared['x-delivery-limit'] = settings.taskDeliveryLimit
  }
  if (settings.taskQueueType === 'quorum' && settings.taskRetryDelayMs > 0) {
    // A nack counts as returned, everything else as failed. Brokers before 4.3 ignore this.
    declared['x-delayed-retry-type'] = 'all'
    declared['x-delayed-retry-min'] = settings.taskRetryDelayMs
    declared['x-delayed-retry-max'] = 10 * settings.taskRetryDelayMs
  }
  return { name: taskQueue(capability), options: { durable: true, exclusive: false, autoDelete: false, arguments: declared } }
}

/** Dead tasks, until somebody looks; without consumers. Quorum: each part declares it as it
 *  connects, and a classic queue whose node is down refuses that (3.10) or hangs (4.3). */
export const DEAD_QUEUE_DECLARATION: QueueDeclaration = {
  name: DEAD_QUEUE,
  options: { durable: true, exclusive: false, autoDelete: false, arguments: { 'x-queue-type': 'quorum' } },
}

/** A node's queue on the fan-out, exclusive by default: it dies with its connection, and the head
 *  check heals. `fanoutQueueName` makes it durable, as in the article; `{node}` is the name. */
export function fanoutQueueDeclaration(node: string, settings: Pick<Settings, 'fanoutQueueName'>): QueueDeclaration {
  if (settings.fanoutQueueName === '') return { name: '', options: { durable: false, exclusive: true, autoDelete: true, arguments: {} } }
  return {
    name: settings.fanoutQueueName.replaceAll('{node}', node),
    options: { durable: true, exclusive: false, autoDelete: false, arguments: { 'x-queue-type': 'classic' } },
  }
}

/** A worker's queue of cancellations. Named by us, since rights exclude server names; not
 *  exclusive, since a lost connection would lock it; quorum, since the worker declares it again
 *  where its node is lost. @param own parts processes of one name. */
export function cancelledQueueDeclaration(worker: string, own: string): QueueDeclaration {
  const limits = { 'x-queue-type': 'quorum', 'x-expires': 60_000, 'x-max-length': 10_000 }
  return {
    name: `${CANCELLED_EXCHANGE}.${worker}.${own}`,
    options: { durable: true, exclusive: false, autoDelete: false, arguments: limits },
  }
}

/** Least rights per broker user, as RabbitMQ's patterns. Only `lab` may see every queue. */
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
