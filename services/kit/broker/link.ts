import type { Socket } from 'node:net'
import { type ChannelModel, connect } from 'amqplib'
import { fullJitterMs } from '#contracts/backoff'
import { brokerUrls } from '#contracts/broker-urls'
import { prefixed, prefixOf } from '#contracts/name-prefix'
import { pause, withDeadline } from '../deadline.ts'
import type { Log } from '../log.ts'

/** A peer that is silent for two of them counts as dead. Seconds; 5 to 20 is sound. Where others
 *  could serve, a frozen node is left after 6 to 9 s: a false alarm costs one reconnect. */
const HEARTBEAT_SECONDS = { alone: 10, ofSeveral: 3 }
/** TCP and handshake. A frozen node accepts, and is silent. Milliseconds. */
const CONNECT_WITHIN_MS = { alone: 8_000, ofSeveral: 2_000 }
const SET_UP_WITHIN_MS = 8_000
const BACKOFF_BASE_MS = 100
/** Queues that a lost node led have new leaders 0.2 to 0.3 s later; before, publishes may hang. */
const ELECTION_MS = 300
const BACKOFF_CAP_MS = 5_000
/** The broker refuses us: other queue arguments, an unknown user or virtual host. */
const REFUSED = /PRECONDITION_FAILED|ACCESS_REFUSED|NOT_ALLOWED/

export interface LinkOptions {
  /** Of the nodes, with commas between. */
  url: string
  /** Shown in the broker's list of connections: `im-a publishes`. */
  name: string
  log: Log
  /** Runs after each connect, before `connected`. A failure closes the connection. */
  setUp(model: ChannelModel): Promise<void>
  /** The connection is gone; whatever belonged to it is void. */
  tornDown(): void
}

/** Keeps one broker connection: connect, set up, wait for its end, retry with jittered back-off, at
 *  the next node where there are several; the first is drawn, so that parts spread over them.
 *  amqplib's recovery restores only connections, not our channels and consumers. */
export class BrokerLink implements AsyncDisposable {
  readonly #options: LinkOptions
  readonly #stop = new AbortController()
  readonly #running: Promise<void>
  readonly #urls: string[]
  #at: number
  #model: ChannelModel | undefined
  #connected = false
  #blocked = false
  #lastError: string | undefined

  constructor(options: LinkOptions) {
    this.#options = options
    this.#urls = brokerUrls(options.url)
    this.#at = Math.floor(Math.random() * this.#urls.length)
    this.#running = this.#run()
  }

  get connected(): boolean {
    return this.#connected
  }

  /** The broker raised an alarm (memory, disk) and reads nothing more from publishers. */
  get blocked(): boolean {
    return this.#blocked
  }

  /** Why the last attempt failed; undefined while connected. */
  get lastError(): string | undefined {
    return this.#lastError
  }

  /** Drops a connection whose channel cannot be trusted; it reconnects. */
  restart(reason: string): void {
    this.#options.log.warn({ link: this.#options.name, reason }, 'broker connection restarted')
    this.#drop(this.#model, new Error(reason))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    const model = this.#model
    if (model !== undefined) await withDeadline(model.close(), 2_000, 'close of a broker connection').catch(() => this.#drop(model))
    await this.#running
  }

  async #run(): Promise<void> {
    for (let failures = 0; !this.#stop.signal.aborted; failures++) {
      try {
        await this.#connectOnce()
        failures = -1 // It was up: the next attempt starts over.
      } catch (error) {
        this.#lastError = error instanceof Error ? error.message : String(error)
        const said = { link: this.#options.name, failures: failures + 1, reason: this.#lastError }
        if (REFUSED.test(this.#lastError)) this.#options.log.error(said, 'broker refuses what this part declares or who it is')
        // At start the broker is coming up: log one failure in ten.
        else if (failures === 0 || failures % 10 === 9) this.#options.log.warn(said, 'broker not reachable')
      }
      this.#at = (this.#at + 1) % this.#urls.length
      // Full jitter, so that all parts do not return in step; a round of all nodes is one try.
      const rounds = Math.ceil((failures + 1) / this.#urls.length)
      const leastMs = this.#urls.length > 1 && rounds === 0 ? ELECTION_MS : 20
      await pause(leastMs + fullJitterMs(rounds, BACKOFF_BASE_MS, BACKOFF_CAP_MS), this.#stop.signal)
    }
  }

  /** One connection from its connect to its end; throws if it never came up. */
  async #connectOnce(): Promise<void> {
    const { name, log, setUp, tornDown } = this.#options
    const among = this.#urls.length > 1 ? 'ofSeveral' : 'alone'
    const address = new URL(this.#urls[this.#at]!)
    address.searchParams.set('heartbeat', String(HEARTBEAT_SECONDS[among]))
    const timeout = CONNECT_WITHIN_MS[among]
    const model = await connect(address.href, { timeout, noDelay: true, clientProperties: { connection_name: name } })
    const ended = Promise.withResolvers<string>()
    model.on('error', (error: Error) => {
      this.#lastError = error.message
    })
    model.on('close', (error?: Error) => ended.resolve(error?.message ?? 'closed'))
    model.on('blocked', (reason: string) => {
      this.#blocked = true
      log.warn({ link: name, reason }, 'broker raised an alarm')
    })
    model.on('unblocked', () => {
      this.#blocked = false
      log.info({ link: name }, 'broker alarm is over')
    })
    this.#model = model
    try {
      if (this.#stop.signal.aborted) throw new Error('stopping')
      await Promise.race([
        withDeadline(setUp(prefixed(model, prefixOf(address.href))), SET_UP_WITHIN_MS, `set-up of ${name}`),
        ended.promise.then(reason => Promise.reject(new Error(`connection ended during set-up: ${this.#lastError ?? reason}`))),
      ])
      this.#connected = true
      this.#lastError = undefined
      log.info({ link: name, node: address.host }, 'broker connected')
      const reason = await ended.promise
      if (!this.#stop.signal.aborted) log.warn({ link: name, node: address.host, reason }, 'broker connection lost')
      this.#lastError ??= reason
    } finally {
      this.#connected = false
      this.#blocked = false
      this.#model = undefined
      tornDown()
      this.#drop(model)
    }
  }

  /** Cuts the socket: a close handshake with a broker that hangs would hang too.
   *  @param error amqplib hears of nothing else; without one it waits for the heartbeat */
  #drop(model: ChannelModel | undefined, error?: Error): void {
    if (model === undefined) return
    // amqplib's types hide the socket; its connection carries it as `stream`.
    const { stream } = model.connection as unknown as { stream?: Socket }
    stream?.on('error', () => undefined)
    stream?.destroy(error)
  }
}
