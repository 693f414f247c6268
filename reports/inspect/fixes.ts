/** The lines that fix a finding, where clients differ. Pure. */

export const CLIENTS = ['amqplib', 'Spring', 'Celery', 'pika'] as const
export type Client = (typeof CLIENTS)[number]
export type Lines = Readonly<Record<Client, string>>

/** By the name with which a client library introduces itself to the broker. */
const PRODUCTS: readonly [product: RegExp, client: Client][] = [
  [/^amqplib/i, 'amqplib'],
  [/^pika/i, 'pika'],
  [/^py-amqp/i, 'Celery'],
  [/^RabbitMQ Java/, 'Spring'],
]

/** The one line of a client that is known, else those of all. */
export function linesFor(lines: Lines, product: unknown): [Client, string][] {
  const known = PRODUCTS.find(([pattern]) => typeof product === 'string' && pattern.test(product))?.[1]
  return CLIENTS.filter(client => known === undefined || client === known).map(client => [client, lines[client]])
}

export const prefetchLines = (tasks: number): Lines => ({
  amqplib: `await channel.prefetch(${tasks})   // before channel.consume`,
  Spring: `spring.rabbitmq.listener.simple.prefetch=${tasks}`,
  Celery: `worker_prefetch_multiplier = ${tasks}; task_acks_late = True`,
  pika: `channel.basic_qos(prefetch_count=${tasks})   # before basic_consume`,
})

export const ACK_LINES: Lines = {
  amqplib: 'channel.consume(queue, handle, { noAck: false })   // then channel.ack(message)',
  Spring: 'spring.rabbitmq.listener.simple.acknowledge-mode=auto   # acks after the listener; none loses',
  Celery: 'task_acks_late = True; task_reject_on_worker_lost = True',
  pika: 'channel.basic_consume(queue, handle, auto_ack=False)   # basic_ack when the work is done',
}

/** Without requeue: to the dead-letter exchange, where there is one. */
export const GIVE_UP_LINES: Lines = {
  amqplib: 'channel.reject(message, false)   // after N attempts; needs a dead-letter exchange',
  Spring: 'spring.rabbitmq.listener.simple.default-requeue-rejected=false',
  Celery: 'raise Reject(reason, requeue=False)   # with task_acks_late',
  pika: 'channel.basic_reject(tag, requeue=False)',
}

/** With requeue, counted on quorum queues. 4.3 does not count a nack. */
export const REJECT_LINES: Lines = {
  amqplib: 'channel.reject(message, true)   // not channel.nack',
  Spring: 'throw new AmqpRejectAndDontRequeueException(…)   // its requeue is a nack',
  Celery: 'raise Reject(reason, requeue=True)   # with task_acks_late',
  pika: 'channel.basic_reject(tag, requeue=True)   # not basic_nack',
}

export const MANDATORY_LINES: Lines = {
  amqplib: "channel.publish(exchange, key, body, { mandatory: true }) // on('return')",
  Spring: 'spring.rabbitmq.template.mandatory=true; spring.rabbitmq.publisher-returns=true',
  Celery: "broker_transport_options = {'confirm_publish': True}   # and declare the queue before publishing",
  pika: 'channel.basic_publish(exchange, key, body, mandatory=True)   # with confirm_delivery()',
}

export const PERSISTENT_LINES: Lines = {
  amqplib: 'channel.publish(exchange, key, body, { persistent: true })',
  Spring: 'MessageDeliveryMode.PERSISTENT   // the default of RabbitTemplate',
  Celery: "task_default_delivery_mode = 'persistent'",
  pika: 'pika.BasicProperties(delivery_mode=2)',
}

export const CONNECTION_LINES: Lines = {
  amqplib: 'one connect() for what publishes, one for what consumes',
  Spring: 'rabbitTemplate.setUsePublisherConnection(true)',
  Celery: 'its producer pool has connections of its own: publish through it, not through the consumer',
  pika: 'one BlockingConnection for what publishes, one for what consumes',
}

export const HEARTBEAT_LINES: Lines = {
  amqplib: "connect('amqps://…?heartbeat=10')",
  Spring: 'spring.rabbitmq.requested-heartbeat=10s',
  Celery: 'broker_heartbeat = 10',
  pika: 'pika.ConnectionParameters(heartbeat=10)',
}
