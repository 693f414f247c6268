import { randomUUID } from 'node:crypto'
import { CANCELLED_EXCHANGE, cancelledQueueDeclaration, TASK_EXCHANGE, taskQueueDeclaration } from '#contracts/topology'
import { gauge } from '../kit/metrics.ts'
import type { RunningWorker, WorkerOptions } from './options.ts'
import { Worker } from './worker.ts'

/** Consumes the tasks of each capability, in a worker process or an IM node with capabilities. */
export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  const { settings, broker, registry, name } = options
  const worker = new Worker(options)
  await broker.consume({
    queue: cancelledQueueDeclaration(name, randomUUID()),
    bindings: [{ exchange: CANCELLED_EXCHANGE, type: 'fanout', routingKey: '' }],
    prefetch: 0,
    noAck: true,
    onDelivery: ({ body }) => worker.cancelled(body),
  })
  for (const capability of settings.capabilities) {
    const queue = taskQueueDeclaration(capability, settings)
    const consumer = await broker.consume({
      queue,
      bindings: [{ exchange: TASK_EXCHANGE, type: 'direct', routingKey: capability }],
      prefetch: settings.workerPrefetchTasks,
      noAck: settings.workerAck === 'automatic',
      priority: settings.workerPriority,
      backlogMin: settings.workerBacklogMin,
      onDelivery: delivery => worker.take(queue.name, delivery),
    })
    worker.consumers.set(queue.name, consumer)
  }
  gauge(registry, 'bot_held_tasks', 'Tasks held unsettled', () =>
    Object.values(worker.held().queues).reduce((sum, queue) => sum + queue.held, 0),
  )
  return worker
}
