/** BullMQ on Redis: one publisher or one worker. https://docs.bullmq.io */
import { peerPackages } from './packages.ts'
import { answerCalls, peerArguments } from './process.ts'
import { HandledTasks, published, type QueueCall } from './tasks.ts'

const NAME = 'peer'

const { modules, redis } = peerArguments()
const { Queue, Worker } = peerPackages(modules).bullmq()
const connection = { url: redis }
// Finished jobs are removed, as an acknowledged message is.
const queue = new Queue(NAME, { connection, defaultJobOptions: { removeOnComplete: true, removeOnFail: true } })
const handled = new HandledTasks()
let worker: InstanceType<typeof Worker> | undefined

answerCalls(async message => {
  const call = message as QueueCall
  if (call.kind === 'publish') return published(call, body => queue.add('task', body))
  if (call.kind === 'pause') return (await worker?.pause()) ?? null
  if (call.kind === 'resume') {
    worker?.resume()
    if (worker !== undefined) return null
    worker = new Worker(NAME, async job => handled.add(job.data), { connection, concurrency: 1 })
    worker.on('error', error => process.emitWarning(error))
    await worker.waitUntilReady()
    return null
  }
  return call.kind === 'ready' ? true : handled.take()
})
