/** Our publisher and consumer code on a queue, without a database: one publisher or one worker. */
import { connect } from 'amqplib'
import { connectBroker } from '../../../services/kit/broker/broker.ts'
import type { Consumer } from '../../../services/kit/broker/types.ts'
import { createLog } from '../../../services/kit/log.ts'
import { answerCalls, peerArguments } from './process.ts'
import { HandledTasks, published, type QueueCall } from './tasks.ts'

const PREFETCH = 1
const CONFIRM_WITHIN_MS = 10_000

const { name, amqp, variant } = peerArguments()
const queue = {
  name: `peer.${variant}`,
  options: { durable: true, exclusive: false, autoDelete: false, arguments: { 'x-queue-type': variant } },
}
const broker = connectBroker({
  url: amqp,
  name,
  log: createLog(name),
  declare: async channel => void (await channel.assertQueue(queue.name, queue.options)),
})
const handled = new HandledTasks()
let consumer: Consumer | undefined
let holdMs = 0

async function publish(body: string): Promise<void> {
  const task = { exchange: '', routingKey: queue.name, body: Buffer.from(body), persistent: true, mandatory: true }
  const outcome = await broker.publish(task, { confirmTimeoutMs: CONFIRM_WITHIN_MS })
  if (outcome !== 'confirmed') throw new Error(`expected a confirmed publish, got ${outcome}`)
}

async function purge(): Promise<null> {
  await using connection = await connect(amqp).then(open => Object.assign(open, { [Symbol.asyncDispose]: () => open.close() }))
  await (await connection.createChannel()).purgeQueue(queue.name)
  return null
}

answerCalls(async message => {
  const call = message as QueueCall
  if (call.kind === 'publish') return published(call, publish)
  if (call.kind === 'purge') return purge()
  if (call.kind === 'pause') return (await consumer?.cancel()) ?? null
  if (call.kind === 'resume') {
    holdMs = call.holdMs ?? 0
    if (consumer !== undefined) return (await consumer.resume()) ?? null
    consumer = await broker.consume({
      queue,
      bindings: [],
      prefetch: PREFETCH,
      noAck: false,
      onDelivery(delivery) {
        handled.add(delivery.body.toString())
        if (holdMs === 0) delivery.ack()
        else setTimeout(() => delivery.ack(), holdMs)
      },
    })
    return null
  }
  return call.kind === 'ready' ? broker.state.publishing === 'connected' : handled.take()
})
