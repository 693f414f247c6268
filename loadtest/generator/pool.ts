import { Worker } from 'node:worker_threads'
import type { Generator } from './generator.ts'
import type { Reply, ThreadSetUp, Tick } from './messages.ts'

/** What is asked of a thread: a verb of its generator. */
type Verb = 'connect' | 'open' | 'closed' | 'states' | 'online' | 'busy' | 'cpuMs' | 'stop' | 'take' | 'close'
type Answer<V extends Verb> = Awaited<ReturnType<Generator[V]>>
export type Request = { [V in Verb]: { id: number; verb: V; args: Parameters<Generator[V]> } }[Verb]

/** A generator thread as the engine sees it. */
export class GeneratorThread implements AsyncDisposable {
  readonly #worker: Worker
  readonly #waiting = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>()
  readonly #ended: Promise<void>
  #next = 0

  constructor(setUp: ThreadSetUp, onTick: (tick: Tick) => void) {
    this.#worker = new Worker(new URL('./thread.ts', import.meta.url), { workerData: setUp })
    this.#worker.on('message', (reply: Reply) => {
      if ('tick' in reply) return onTick(reply.tick)
      const waiting = this.#waiting.get(reply.id)
      this.#waiting.delete(reply.id)
      if (reply.error === undefined) waiting?.resolve(reply.result)
      else waiting?.reject(new Error(reply.error))
    })
    this.#worker.on('error', error => this.#fail(error instanceof Error ? error : new Error(String(error))))
    this.#ended = new Promise(resolve => {
      this.#worker.once('exit', () => {
        this.#fail(new Error('a generator thread ended'))
        resolve()
      })
    })
  }

  #fail(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
  }

  async call<V extends Verb>(verb: V, ...args: Extract<Request, { verb: V }>['args']): Promise<Answer<V>> {
    this.#next += 1
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    this.#waiting.set(this.#next, { resolve, reject })
    this.#worker.postMessage({ id: this.#next, verb, args })
    // The thread answers each verb by its own type.
    return (await promise) as Answer<V>
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate()
    await this.#ended
  }
}
