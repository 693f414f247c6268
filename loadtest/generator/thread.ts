/** A generator thread: one answer per request, and one report a second. */
import { parentPort, workerData } from 'node:worker_threads'
import { Generator } from './generator.ts'
import type { Reply, ThreadSetUp } from './messages.ts'
import type { Request } from './pool.ts'

const TICK_MS = 1_000

const generator = new Generator(workerData as ThreadSetUp)
const port = parentPort
if (port === null) throw new Error('thread.ts runs as a worker thread; start it through Pool')
const reply = (message: Reply) => port.postMessage(message)
const ticking = setInterval(() => reply({ tick: generator.tick() }), TICK_MS)

async function done({ verb, args }: Request): Promise<unknown> {
  if (verb === 'close') {
    clearInterval(ticking)
    reply({ tick: generator.tick() })
  }
  return Reflect.apply(generator[verb], generator, args)
}

port.on('message', (request: Request) => {
  done(request).then(
    result => reply({ id: request.id, result }),
    (error: unknown) => reply({ id: request.id, error: error instanceof Error ? error.message : String(error) }),
  )
})
