import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { type Dialect, ID } from './dialects.ts'
import { ID_LENGTH, numberOf, writeId } from './ids.ts'
import { alignedPayload, FrameReader, maskedFrame, OPCODE, shortFrame } from './wire.ts'

/** What a connection reports: the number of a message, and whether it was only confirmed. */
export type OnMessage = (connection: PeerConnection, number: number, stored: boolean) => void

/** Of our protocol: a frame that says what was not taken. */
const REFUSED = '"refused"'
const HEAD_END = '\r\n\r\n'
const OPENS_WITHIN_MS = 20_000

export interface PeerConnectionOptions {
  /** `http://host:port` of its node. */
  node: string
  dialect: Dialect
  token: string
  to: string
  body: string
  onMessage: OnMessage
  onEnd(why: string): void
}

/** One user on a bare socket: sends ready-made frames, and reads only the id of what comes. */
export class PeerConnection {
  readonly #socket: Socket
  readonly #dialect: Dialect
  readonly #payload: Buffer
  readonly #idAt: number
  readonly #mark: Buffer

  private constructor(socket: Socket, { dialect, to, body }: PeerConnectionOptions) {
    this.#socket = socket
    this.#dialect = dialect
    const [before = '', after = ''] = dialect.message(to, body).split(ID)
    this.#payload = alignedPayload(`${before}${'0'.repeat(ID_LENGTH)}${after}`)
    this.#idAt = Buffer.byteLength(before)
    this.#mark = Buffer.from(dialect.idMark)
  }

  /** Resolves when the node says that this user may send. */
  static open(options: PeerConnectionOptions): Promise<PeerConnection> {
    const { node, dialect, token, onEnd } = options
    const { hostname, port } = new URL(node)
    const socket = connect({ host: hostname, port: Number(port), noDelay: true })
    const connection = new PeerConnection(socket, options)
    const { promise, resolve, reject } = Promise.withResolvers<PeerConnection>()
    let ready = false
    const greet = () => socket.write(shortFrame(dialect.greeting(token)))
    const late = setTimeout(() => socket.destroy(new Error('NOT_READY')), OPENS_WITHIN_MS)
    const opening = (text: string) => {
      if (dialect.isReady(text)) {
        ready = true
        clearTimeout(late)
        resolve(connection)
      } else if (dialect.serverFirst) greet()
    }
    const reader = new FrameReader((opcode, chunk, from, to) => {
      if (opcode === OPCODE.ping) socket.write(shortFrame(chunk.toString('utf8', from, to), OPCODE.pong))
      else if (opcode === OPCODE.close) onEnd(`closed ${chunk.readUInt16BE(from)}`)
      else if (!ready) opening(chunk.toString('utf8', from, to))
      else connection.#message(chunk, from, to, options)
    })
    let head = Buffer.alloc(0)
    const upgrading = (piece: Buffer) => {
      head = Buffer.concat([head, piece])
      const end = head.indexOf(HEAD_END)
      if (end < 0) return
      if (!head.subarray(0, end).toString().startsWith('HTTP/1.1 101')) socket.destroy(new Error('NOT_UPGRADED'))
      socket.off('data', upgrading).on('data', chunk => reader.read(chunk))
      if (!dialect.serverFirst) greet()
      reader.read(head.subarray(end + HEAD_END.length))
    }
    socket.on('data', upgrading)
    socket.on('error', reject)
    socket.on('close', () => {
      clearTimeout(late)
      reject(new Error('CLOSED'))
      onEnd('gone')
    })
    socket.write(upgradeRequest(dialect.path, `${hostname}:${port}`))
    return promise
  }

  send(number: number, nowMs: number): void {
    writeId(this.#payload, this.#idAt, number, nowMs)
    this.#socket.write(maskedFrame(this.#payload))
  }

  #message(chunk: Buffer, from: number, to: number, { onMessage, onEnd }: PeerConnectionOptions): void {
    const { stored, pong } = this.#dialect
    const at = chunk.indexOf(this.#mark, from)
    if (at >= 0 && at < to) {
      onMessage(this, numberOf(chunk, at + this.#mark.length), stored !== undefined && chunk[from + stored.at] === stored.byte)
      return
    }
    const text = chunk.toString('utf8', from, to)
    const answer = pong(text)
    if (answer !== undefined) this.#socket.write(answer)
    else if (text.includes(REFUSED)) onEnd(text)
  }

  close(): void {
    this.#socket.destroy()
  }
}

function upgradeRequest(path: string, host: string): string {
  const fields = {
    Host: host,
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
    'Sec-WebSocket-Version': '13',
  }
  const lines = [['GET', path, 'HTTP/1.1'].join(' '), ...Object.entries(fields).map(([name, value]) => `${name}: ${value}`)]
  return `${lines.join('\r\n')}${HEAD_END}`
}
