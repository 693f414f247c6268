import { connect, createServer, type Server, type Socket } from 'node:net'
import { Pace, type Toxics } from './toxics.ts'

/** Beyond this the sender is held back, as by a full window. Bytes. */
const BUFFER_MAX_BYTES = 256 * 1_024

/** Sees what passes a link, before any toxic; it may change bytes in place. */
export interface LinkWatch {
  opened(connection: number): void
  /** @param from `near`: the side that connected */
  passed(connection: number, from: 'near' | 'far', chunk: Buffer): void
  closed(connection: number): void
}

/** A TCP link with faults: a loopback listener before one target, as Toxiproxy does. */
export class FaultLink implements AsyncDisposable {
  readonly #target: { host: string; port: number }
  readonly #random: () => number
  readonly #pairs = new Set<Pair>()
  #server: Server | undefined
  #port = 0
  #toxics: Toxics = {}
  #accepted = 0
  /** Of connections from now on. */
  watch: LinkWatch | undefined

  private constructor(target: { host: string; port: number }, random: () => number) {
    this.#target = target
    this.#random = random
  }

  /** @param random draws of the jitter, 0 .. 1 */
  static async open(target: { host: string; port: number }, random: () => number = Math.random): Promise<FaultLink> {
    const link = new FaultLink(target, random)
    await link.#listen()
    return link
  }

  get port(): number {
    return this.#port
  }

  /** Connections that are open now. */
  get connections(): number {
    return this.#pairs.size
  }

  /** Bytes that wait in it, both directions. */
  get heldBytes(): number {
    return [...this.#pairs].reduce((sum, pair) => sum + pair.heldBytes, 0)
  }

  /** Replaces all toxics; open connections feel it at once. */
  async set(toxics: Toxics): Promise<void> {
    const wasDown = this.#toxics.down === true
    this.#toxics = toxics
    if (toxics.down === true && !wasDown) {
      for (const pair of this.#pairs) pair.end(false)
      await this.#close()
    } else if (toxics.down !== true && wasDown) await this.#listen()
    for (const pair of this.#pairs) pair.changed()
  }

  /** Resets every open connection once: both sides see it at once. */
  resetPeers(): void {
    for (const pair of this.#pairs) pair.end(true)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const pair of this.#pairs) pair.end(true)
    await this.#close()
  }

  async #listen(): Promise<void> {
    const server = createServer({ allowHalfOpen: true }, near => this.#accept(near))
    this.#server = server
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(this.#port, '127.0.0.1', () => resolve())
    })
    const address = server.address()
    if (address !== null && typeof address === 'object') this.#port = address.port
  }

  #close(): Promise<void> {
    return new Promise(resolve => {
      if (this.#server === undefined) resolve()
      else this.#server.close(() => resolve())
      this.#server = undefined
    })
  }

  #accept(near: Socket): void {
    const far = connect({ ...this.#target, allowHalfOpen: true })
    this.#accepted += 1
    const { watch } = this
    const connection = this.#accepted
    const over = () => {
      this.#pairs.delete(pair)
      watch?.closed(connection)
    }
    const seen: Seen = (from, chunk) => watch?.passed(connection, from, chunk)
    const pair: Pair = new Pair(near, far, { toxics: () => this.#toxics, random: this.#random, seen, over })
    this.#pairs.add(pair)
    watch?.opened(connection)
  }
}

type Seen = (from: 'near' | 'far', chunk: Buffer) => void

interface PairOptions {
  seen: Seen
  toxics: () => Toxics
  random: () => number
  over: () => void
}

/** One connection through the link: two directions. */
class Pair {
  readonly #directions: Direction[]
  readonly #sockets: Socket[]

  constructor(near: Socket, far: Socket, { toxics, random, seen, over }: PairOptions) {
    this.#sockets = [near, far]
    this.#directions = [new Direction(near, far, toxics, random), new Direction(far, near, toxics, random)]
    // Before the direction's own listener.
    near.prependListener('data', (chunk: Buffer) => seen('near', chunk))
    far.prependListener('data', (chunk: Buffer) => seen('far', chunk))
    for (const socket of this.#sockets) {
      socket.setNoDelay(true)
      socket.on('error', () => this.end(true))
      socket.on('close', () => {
        if (this.#sockets.every(other => other.destroyed)) over()
      })
    }
  }

  get heldBytes(): number {
    return this.#directions.reduce((sum, direction) => sum + direction.waitingBytes, 0)
  }

  changed(): void {
    for (const direction of this.#directions) direction.changed()
  }

  end(reset: boolean): void {
    for (const direction of this.#directions) direction.stop()
    for (const socket of this.#sockets) {
      if (reset) socket.resetAndDestroy()
      else socket.destroy()
    }
  }
}

/** Chunks from one socket to the other, each at its time. */
class Direction {
  readonly #from: Socket
  readonly #to: Socket
  readonly #toxics: () => Toxics
  readonly #random: () => number
  readonly #pace = new Pace()
  readonly #queue: { chunk: Buffer | undefined; atMs: number }[] = []
  waitingBytes = 0
  #timer: NodeJS.Timeout | undefined

  constructor(from: Socket, to: Socket, toxics: () => Toxics, random: () => number) {
    this.#from = from
    this.#to = to
    this.#toxics = toxics
    this.#random = random
    from.on('data', (chunk: Buffer) => this.#push(chunk))
    from.on('end', () => this.#push(undefined))
  }

  /** Toxics changed: what waits may go now, or not any more. */
  changed(): void {
    this.#pump()
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#queue.length = 0
  }

  /** undefined = the sender is done. */
  #push(chunk: Buffer | undefined): void {
    const bytes = chunk?.length ?? 0
    this.#queue.push({ chunk, atMs: this.#pace.leaveAtMs(performance.now(), bytes, this.#toxics(), this.#random()) })
    this.waitingBytes += bytes
    if (this.waitingBytes > BUFFER_MAX_BYTES) this.#from.pause()
    this.#pump()
  }

  #pump(): void {
    clearTimeout(this.#timer)
    if (this.#toxics().timeout === true) return
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      const inMs = next.atMs - performance.now()
      if (inMs > 0) {
        this.#timer = setTimeout(() => this.#pump(), inMs)
        return
      }
      this.#queue.shift()
      this.waitingBytes -= next.chunk?.length ?? 0
      if (next.chunk === undefined) this.#to.end()
      else this.#to.write(next.chunk)
    }
    if (this.waitingBytes <= BUFFER_MAX_BYTES) this.#from.resume()
  }
}
