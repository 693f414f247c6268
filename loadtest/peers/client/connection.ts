import { WireSocket } from '../../wire/socket.ts'
import type { WireTurn } from '../../wire/turn.ts'
import { type Dialect, ID } from './dialects.ts'
import { ID_LENGTH, numberOf, writeId } from './ids.ts'

/** What a connection reports: the number of a message, and whether it was only confirmed. */
export type OnMessage = (connection: PeerConnection, number: number, stored: boolean) => void

/** Of our protocol: a frame that says what was not taken. */
const REFUSED = '"refused"'
const OPENS_WITHIN_MS = 20_000
const FRAME_MAX_BYTES = 1_048_576

export interface PeerConnectionOptions {
  /** `http://host:port` of its node. */
  node: string
  dialect: Dialect
  token: string
  to: string
  body: string
  /** Shared by all connections of the process. */
  turn: WireTurn
  onMessage: OnMessage
  onEnd(why: string): void
}

/** One user on a bare socket: sends ready-made frames, those of a turn of the event loop in one
 *  call, and reads only the id of what comes. */
export class PeerConnection {
  readonly #options: PeerConnectionOptions
  readonly #payload: Buffer
  readonly #idAt: number
  readonly #mark: Buffer
  /** The server's first frame, and the one that says that messages may be sent. */
  readonly #greeted = Promise.withResolvers<void>()
  readonly #ready = Promise.withResolvers<void>()
  #isReady = false
  #socket: WireSocket | undefined
  /** Numbers of messages that go out when the turn ends. */
  #queue: number[] = []

  private constructor(options: PeerConnectionOptions) {
    const { dialect, to, body } = options
    this.#options = options
    const [before = '', after = ''] = dialect.message(to, body).split(ID)
    this.#payload = Buffer.from(`${before}${'0'.repeat(ID_LENGTH)}${after}`)
    this.#idAt = Buffer.byteLength(before)
    this.#mark = Buffer.from(dialect.idMark)
  }

  /** Resolves when the node says that this user may send. */
  static async open(options: PeerConnectionOptions): Promise<PeerConnection> {
    const { node, dialect, token, onEnd } = options
    const connection = new PeerConnection(options)
    const gone = Promise.withResolvers<never>()
    gone.promise.catch(() => undefined) // Nobody waits for it after the opening.
    const late = setTimeout(() => gone.reject(new Error(`${node} did not say that one may send`)), OPENS_WITHIN_MS)
    const socket = await WireSocket.connect({
      url: new URL(dialect.path, node),
      withinMs: OPENS_WITHIN_MS,
      maxBytes: FRAME_MAX_BYTES,
      onMessage: (bytes, from, to) => connection.#onMessage(bytes, from, to),
      onEnd({ code, reason }) {
        gone.reject(new Error(`closed ${code} ${reason}`))
        onEnd(`closed ${code} ${reason}`)
      },
    })
    connection.#socket = socket
    if (dialect.serverFirst) await Promise.race([connection.#greeted.promise, gone.promise])
    socket.send(dialect.greeting(token))
    await Promise.race([connection.#ready.promise, gone.promise])
    clearTimeout(late)
    return connection
  }

  send(number: number): void {
    if (this.#queue.push(number) === 1) this.#options.turn.add(this)
  }

  flush(): void {
    const queue = this.#queue
    this.#queue = []
    const nowMs = Date.now()
    this.#socket?.sendMany(queue.length, index => {
      writeId(this.#payload, this.#idAt, queue[index]!, nowMs)
      return this.#payload
    })
  }

  #onMessage(bytes: Buffer, from: number, to: number): void {
    const { dialect, onMessage, onEnd } = this.#options
    if (!this.#isReady) {
      this.#greeted.resolve()
      this.#isReady = dialect.isReady(bytes.toString('utf8', from, to))
      if (this.#isReady) this.#ready.resolve()
      return
    }
    const { stored, pong } = dialect
    const at = bytes.indexOf(this.#mark, from)
    if (at >= 0 && at < to) {
      onMessage(this, numberOf(bytes, at + this.#mark.length), stored !== undefined && bytes[from + stored.at] === stored.byte)
      return
    }
    const text = bytes.toString('utf8', from, to)
    const answer = pong(text)
    if (answer !== undefined) this.#socket?.send(answer)
    else if (text.includes(REFUSED)) onEnd(text)
  }

  close(): void {
    void this.#socket?.close()
  }
}
