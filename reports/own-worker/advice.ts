import type { OwnWorkerCode } from '#evidence/finding'

/** What to change in a worker, by client library. Pure. */

export interface Advice {
  /** For any client. */
  change: string
  /** As each library has it. */
  amqplib: string
  pika: string
  Spring: string
  Celery: string
}

const ACK_LAST: Advice = {
  change: 'Acknowledge last: answer, publish, wait for the confirm, then ack.',
  amqplib: 'consume without noAck; channel.ack(message) after await channel.waitForConfirms()',
  pika: 'basic_consume with auto_ack=False (its default); basic_ack last',
  Spring: 'acknowledge-mode=auto or manual, never none; publish before the listener returns, in its own thread',
  Celery: 'task_acks_late=True and task_reject_on_worker_lost=True; by default it acknowledges before the task runs',
}

const END_POISON: Advice = {
  change: 'Give a task back by reject while it has attempts left, then reject it without requeue, which dead-letters it.',
  amqplib: 'channel.reject(message, true), and channel.reject(message, false) at the end; not nack, not ack',
  pika: 'basic_reject(tag, requeue=True), and requeue=False at the end',
  Spring: 'default-requeue-rejected=false with retry.enabled=true, or throw AmqpRejectAndDontRequeueException',
  Celery: 'task_acks_late=True with task_acks_on_failure_or_timeout=False; max_retries for its attempts',
}

const SAME_CHANNEL: Advice = {
  change: 'Settle each delivery once, on its own channel; forget what a lost channel had delivered.',
  amqplib: 'keep the channel beside the message; do not call ack of a new channel after a reconnect',
  pika: 'basic_ack of the channel of the callback; from another thread by connection.add_callback_threadsafe',
  Spring: "acknowledge-mode=auto; with manual, use the listener's own Channel argument",
  Celery: 'its own task does so; do not acknowledge the message in it',
}

const RECONNECT: Advice = {
  change: 'Connect again after a pause, then make channel, prefetch and consumer anew, for as long as it takes.',
  amqplib: "a loop around connect; connection.on('close') starts its next round, connection.on('error') must exist",
  pika: 'a loop around BlockingConnection that catches AMQPError and OSError',
  Spring: 'its container does so every 5 s (recoveryInterval); do not end the application on a connection error',
  Celery: 'broker_connection_retry=True with broker_connection_max_retries=None: by default it gives up after 100',
}

const HEARTBEAT: Advice = {
  change: 'Let the connection run while the worker waits for its answer; keep heartbeats on.',
  amqplib: 'no synchronous call and no long computation in the event loop: fetch, or worker_threads',
  pika: 'the work in a thread, its result by connection.add_callback_threadsafe; not heartbeat=0',
  Spring: 'the client has a thread for it; do not set requested-heartbeat=0',
  Celery: 'the prefork pool leaves its main process free; not --pool solo',
}

export const ADVICE: Readonly<Record<OwnWorkerCode, Advice>> = {
  'task-unanswered': {
    change:
      'Dead-lettered: a server that is busy or away (429, 503, refused) costs no attempt; wait Retry-After and ask again. Held or in the queue: the worker hangs or has ended; see its log. Gone: it was acknowledged.',
    amqplib: 'answer, then ack; on a busy server await a pause and try again within the callback',
    pika: 'the same in the thread of the task; over.wait(pause), not time.sleep in the connection',
    Spring: 'retry.enabled=true with an initial-interval of seconds, or a RetryTemplate around the model call',
    Celery: 'autoretry_for=(ConnectionError, …) with retry_backoff=True',
  },
  'answer-unreadable': {
    change: 'Publish {"task": id of the task, "text": answer} as JSON to the default exchange with ANSWER_QUEUE as routing key.',
    amqplib: 'channel.sendToQueue(ANSWER_QUEUE, Buffer.from(JSON.stringify({ task, text })))',
    pika: 'basic_publish("", ANSWER_QUEUE, json.dumps({"task": task, "text": text}))',
    Spring: 'a JSON message converter; the default one serialises Java objects',
    Celery: 'a kombu producer in the task; its own result messages have another form',
  },
  'acked-automatically': ACK_LAST,
  'acked-unanswered': ACK_LAST,
  'acked-early': ACK_LAST,
  'acked-unconfirmed': {
    change: 'Wait until the broker has confirmed the answer: until then a lost connection takes it along.',
    amqplib: 'createConfirmChannel, and await channel.waitForConfirms() before ack',
    pika: 'channel.confirm_delivery(): basic_publish of a BlockingConnection then waits',
    Spring: 'publisher-confirm-type=simple, and waitForConfirmsOrDie within rabbitTemplate.invoke',
    Celery: "broker_transport_options={'confirm_publish': True}",
  },
  'held-too-many': {
    change: 'Set the prefetch before you consume. Without one the broker sends all that waits.',
    amqplib: 'await channel.prefetch(n) before consume',
    pika: 'channel.basic_qos(prefetch_count=n) before basic_consume',
    Spring: 'listener.simple.prefetch=n (default 250), for each of its concurrent consumers',
    Celery: 'worker_prefetch_multiplier=1 (default 4), times its concurrency',
  },
  'settled-elsewhere': SAME_CHANNEL,
  'settled-twice': SAME_CHANNEL,
  'poison-acked': END_POISON,
  'poison-nacked': END_POISON,
  'poison-lives': END_POISON,
  'not-reconnected': RECONNECT,
  'ended-without-way': RECONNECT,
  'ended-late': {
    change: 'On SIGTERM cancel the consumer, finish what runs or leave it, and close the connection: the broker gives back the rest.',
    amqplib: "process.once('SIGTERM', …): channel.cancel(tag), then connection.close()",
    pika: 'a signal handler that sets a flag for the loop around process_data_events',
    Spring: 'a shutdownTimeout of the container (default 5 s) below the grace of your platform',
    Celery: 'its warm shutdown waits for the running tasks; bound them by task_time_limit',
  },
  'heartbeat-off': HEARTBEAT,
  'heartbeat-missed': HEARTBEAT,
}
