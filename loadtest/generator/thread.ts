/** A generator thread: one answer per request, and one report a second. */
import { parentPort, workerData } from 'node:worker_threads'
import { Generator } from './generator.ts'
import type { Reply, Request, ThreadSetUp, ThreadVerbs } from './messages.ts'

const TICK_MS = 1_000

const generator = new Generator(workerData as ThreadSetUp)
const port = parentPort
if (port === null) throw new Error('thread.ts runs as a worker thread; start it through Pool')
const reply = (message: Reply) => port.postMessage(message)
const ticking = setInterval(() => reply({ tick: generator.tick() }), TICK_MS)

async function done(request: Request): Promise<ReturnType<ThreadVerbs[keyof ThreadVerbs]>> {
  switch (request.verb) {
    case 'connect':
      return generator.connect(...request.args)
    case 'open':
      return generator.open(...request.args)
    case 'closed':
      return generator.closed(...request.args)
    case 'states':
      return generator.states()
    case 'online':
      return generator.online()
    case 'busy':
      return generator.busy()
    case 'stop':
      generator.stop()
      return undefined
    case 'take':
      return generator.take()
    case 'close':
      clearInterval(ticking)
      reply({ tick: generator.tick() })
      await generator[Symbol.asyncDispose]()
      return undefined
  }
}

port.on('message', (request: Request) => {
  done(request).then(
    result => reply({ id: request.id, result }),
    (error: unknown) => reply({ id: request.id, error: error instanceof Error ? error.message : String(error) }),
  )
})
