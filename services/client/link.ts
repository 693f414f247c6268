import { fullJitterMs } from '#contracts/backoff'
import type { ClientFrame, ServerFrame } from '#contracts/frames'
import { type Ending, judge, type Strikes } from './close-policy.ts'
import { Connection } from './connection.ts'
import { login } from './http.ts'
import { ChatError, type ChatOptions, type Frame, type Tuning } from './types.ts'

export interface LinkHandlers {
  onReady(frame: Frame<'ready'>, url: string): void
  onFrame(frame: ServerFrame): void
  onDown(ending: Ending, url: string): void
  onTrouble(error: ChatError): void
}

/** Keeps a connection: login, connect, and after each end the next node, with back-off. */
export class Link {
  /** Settles when the link ends: undefined after `close`, an error when retrying makes no sense. */
  readonly over: Promise<ChatError | undefined>
  readonly #options: ChatOptions
  readonly #tuning: Tuning
  readonly #handlers: LinkHandlers
  readonly #random: () => number
  readonly #closing = new AbortController()
  readonly #strikes: Strikes = { unauthenticated: 0, malformed: 0 }
  #connection: Connection | undefined
  #ready = false
  #token: string | undefined
  #node = 0
  /** Failures in a row: the exponent of the back-off. */
  #failures = 0

  constructor(options: ChatOptions, tuning: Tuning, handlers: LinkHandlers, random: () => number) {
    this.#options = options
    this.#tuning = tuning
    this.#handlers = handlers
    this.#random = random
    this.#token = options.token
    this.over = this.#run()
  }

  get ready(): boolean {
    return this.#ready
  }

  get token(): string | undefined {
    return this.#token
  }

  get url(): string {
    return this.#options.nodes[this.#node]!
  }

  send(frame: ClientFrame): boolean {
    return this.transmit(JSON.stringify(frame))
  }

  transmit(text: string): boolean {
    return this.#ready && (this.#connection?.sendText(text) ?? false)
  }

  heardSince(atMs: number): boolean {
    return this.#connection?.heardSince(atMs) ?? false
  }

  probe(): void {
    this.#connection?.probe()
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#connection?.close()
    await this.over
  }

  /** A fresh token, from whichever node gives one. */
  async renewToken(): Promise<string> {
    const { nodes, user, secret } = this.#options
    if (secret === undefined) throw new ChatError('UNAUTHENTICATED', 'the token was refused and no secret was given to renew it')
    // The node in use comes first: it is the likeliest to answer.
    const order = [...nodes.slice(this.#node), ...nodes.slice(0, this.#node)]
    this.#token = await login({ nodes: order, user, secret, withinMs: this.#tuning.loginWithinMs, signal: this.#closing.signal })
    return this.#token
  }

  async #run(): Promise<ChatError | undefined> {
    while (!this.#closing.signal.aborted) {
      let leastMs = 0
      try {
        this.#token ??= await this.renewToken()
        if (this.#closing.signal.aborted) break
        const ending = await this.#connectOnce(this.#token)
        if (this.#closing.signal.aborted) break
        const verdict = judge(ending, this.#strikes)
        if (verdict.action === 'stop') return new ChatError(verdict.code, `${this.url}: ${verdict.detail}`)
        if (verdict.renewToken) this.#token = undefined
        // A token that expired says nothing against its node.
        else this.#node = (this.#node + 1) % this.#options.nodes.length
        leastMs = verdict.leastMs
      } catch (error) {
        if (this.#closing.signal.aborted) break
        if (!(error instanceof ChatError)) throw error
        if (error.code === 'UNAUTHENTICATED') return error
        this.#handlers.onTrouble(error)
      }
      const pauseMs = leastMs + fullJitterMs(this.#failures, this.#tuning.backoffBaseMs, this.#tuning.backoffCapMs, this.#random)
      this.#failures += 1
      await this.#pause(pauseMs)
    }
    return undefined
  }

  async #connectOnce(token: string): Promise<Ending> {
    const { url } = this
    const connection = new Connection({
      url,
      token,
      trust: this.#options.trust ?? false,
      origin: this.#options.origin,
      tuning: this.#tuning,
      onReady: frame => {
        this.#ready = true
        this.#strikes.unauthenticated = 0
        this.#handlers.onReady(frame, url)
      },
      onFrame: frame => this.#handlers.onFrame(frame),
      onTrouble: error => this.#handlers.onTrouble(error),
    })
    this.#connection = connection
    const ending = await connection.ended
    this.#connection = undefined
    this.#ready = false
    if (ending.livedMs >= this.#tuning.stableMs) {
      this.#failures = 0
      this.#strikes.malformed = 0
    }
    this.#handlers.onDown(ending, url)
    return ending
  }

  /** Not unref'd: between two connections only this timer keeps the client alive. */
  #pause(ms: number): Promise<void> {
    return new Promise(resolve => {
      const done = () => {
        clearTimeout(timer)
        this.#closing.signal.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      this.#closing.signal.addEventListener('abort', done)
    })
  }
}
