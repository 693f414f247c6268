import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** The Ollama port, which can close and open like a server that goes down. */
export class MainPort implements AsyncDisposable {
  readonly #listener: RequestListener
  readonly #host: string
  #port: number
  #server: Server | undefined
  #change: Promise<void> = Promise.resolve()

  /** @param port 0 = any; the port that was given is kept from then on. */
  constructor(listener: RequestListener, host: string, port: number) {
    this.#listener = listener
    this.#host = host
    this.#port = port
  }

  get port(): number {
    return this.#port
  }

  get listening(): boolean {
    return this.#server?.listening === true
  }

  /** Opens or closes, in the order of calls. Rejects when the port is taken. */
  set(open: boolean): Promise<void> {
    const change = this.#change.then(() => (open ? this.#open() : this.#close()))
    this.#change = change.catch(() => undefined)
    return change
  }

  async #open(): Promise<void> {
    if (this.#server !== undefined) return
    const server = createServer({ keepAliveTimeout: 60_000 }, this.#listener)
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(this.#port, this.#host, () => resolve())
    })
    this.#port = (server.address() as AddressInfo).port
    this.#server = server
  }

  /** Cuts every connection: what ran for it is aborted. */
  async #close(): Promise<void> {
    const server = this.#server
    if (server === undefined) return
    this.#server = undefined
    const closed = new Promise<void>(resolve => server.close(() => resolve()))
    server.closeAllConnections()
    await closed
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.set(false)
  }
}
