import { createHash, randomBytes } from 'node:crypto'
import { connect as connectPlain, type Socket } from 'node:net'
import { connect as connectSecure } from 'node:tls'
import { FrameWriter, OPCODE } from './frames.ts'
import { FrameReader, WireError } from './reader.ts'

/** A WebSocket client on a bare socket, as cheap as a load generator must be. It knows no protocol
 *  above the frames, never reconnects, and offers no extension. */

export interface WireOptions {
  /** `ws://`, `wss://`, `http://` or `https://`, with the path of the upgrade. */
  url: string | URL
  /** From connecting until the upgrade is done. Milliseconds. */
  withinMs: number
  /** Longest message of the server that is taken. */
  maxBytes: number
  /** A text or binary message; `bytes` is valid during the call alone. */
  onMessage(bytes: Buffer, from: number, to: number): void
  /** Once, after an upgrade that worked. */
  onEnd(ending: WireEnding): void
}

export interface WireEnding {
  /** Of the server's close frame; 1006: it sent none. */
  code: number
  reason: string
}

const HEAD_END = '\r\n\r\n'
const HEAD_MAX_BYTES = 16_384
const READ_BYTES = 65_536
const CLOSE_WITHIN_MS = 1_000
const ABNORMAL = 1006
/** RFC 6455, section 1.3. */
const ACCEPT_SUFFIX = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** All plain sockets of a thread read into it: what is read is used before the next read. */
const inbox = Buffer.allocUnsafeSlow(READ_BYTES)
const writer = new FrameWriter()

export class WireSocket {
  /** It may send, and was not closed by either side. */
  open = false
  readonly #socket: Socket
  readonly #options: WireOptions
  readonly #reader: FrameReader
  readonly #opened = Promise.withResolvers<void>()
  readonly #closed = Promise.withResolvers<void>()
  readonly #accept: string
  #head: Buffer | undefined = Buffer.alloc(0)
  #ending: WireEnding | undefined

  private constructor(options: WireOptions) {
    this.#options = options
    this.#reader = new FrameReader(options.maxBytes, (opcode, bytes, from, to) => this.#onPayload(opcode, bytes, from, to))
    const key = randomBytes(16).toString('base64')
    this.#accept = createHash('sha1').update(`${key}${ACCEPT_SUFFIX}`).digest('base64')
    const url = new URL(options.url)
    const secure = url.protocol === 'wss:' || url.protocol === 'https:'
    const [host, port] = [url.hostname.replace(/^\[|\]$/g, ''), Number(url.port) || (secure ? 443 : 80)]
    // A secure socket has no such reading; it allocates for each.
    const onread = { buffer: inbox, callback: (count: number) => this.#read(inbox.subarray(0, count)) }
    const socket = secure ? connectSecure({ host, port, servername: host }) : connectPlain({ host, port, noDelay: true, onread })
    this.#socket = socket
    if (secure) socket.on('data', (piece: Buffer) => this.#read(piece))
    const late = setTimeout(() => socket.destroy(new WireError(`no WebSocket within ${options.withinMs} ms`)), options.withinMs)
    this.#opened.promise.then(
      () => clearTimeout(late),
      () => clearTimeout(late),
    )
    socket.on('error', error => {
      this.#ending ??= { code: ABNORMAL, reason: error.message }
    })
    // The server went: half-open is of no use to a WebSocket.
    socket.on('end', () => socket.destroy())
    socket.on('close', () => this.#onClose())
    socket.write(upgradeRequest(url, key))
  }

  /** Resolves when the upgrade is done. @throws WireError or the socket's error otherwise */
  static async connect(options: WireOptions): Promise<WireSocket> {
    const socket = new WireSocket(options)
    await socket.#opened.promise
    return socket
  }

  /** Sends a text at once. */
  send(text: string): void {
    this.sendMany(1, () => Buffer.from(text))
  }

  /** Sends several texts by one call of the system. @param payload of each, copied at once */
  sendMany(count: number, payload: (index: number) => Uint8Array): void {
    if (!this.open) return
    for (let index = 0; index < count; index += 1) writer.add(payload(index))
    this.#socket.write(writer.take())
  }

  /** Says goodbye, and cuts the line if the server does not. */
  async close(): Promise<void> {
    if (this.open) {
      this.open = false
      this.#control(OPCODE.close, Buffer.from([1000 >> 8, 1000 & 0xff]))
      this.#ending ??= { code: 1000, reason: '' }
      setTimeout(() => this.#socket.destroy(), CLOSE_WITHIN_MS).unref()
    }
    await this.#closed.promise
  }

  #control(opcode: number, payload: Uint8Array): void {
    writer.add(payload, opcode)
    this.#socket.write(writer.take())
  }

  /** @returns whether to read on, as Node asks */
  #read(piece: Buffer): boolean {
    try {
      if (this.#head === undefined) this.#reader.read(piece)
      else this.#upgrading(piece)
    } catch (error) {
      if (!(error instanceof WireError)) throw error
      this.open = false
      this.#ending ??= { code: ABNORMAL, reason: error.message }
      this.#socket.destroy()
    }
    return true
  }

  #upgrading(piece: Buffer): void {
    const head = Buffer.concat([this.#head ?? Buffer.alloc(0), piece])
    const end = head.indexOf(HEAD_END)
    if (end < 0) {
      if (head.length > HEAD_MAX_BYTES) throw new WireError('a head without an end in place of a WebSocket')
      this.#head = head
      return
    }
    const [status = '', ...lines] = head.toString('latin1', 0, end).split('\r\n')
    if (!/^HTTP\/1\.1 101(?: |$)/.test(status)) throw new WireError(`expected HTTP 101, got "${status.slice(0, 60)}"`)
    const accept = lines.find(line => /^sec-websocket-accept:/i.test(line))
    if (accept?.slice(accept.indexOf(':') + 1).trim() !== this.#accept) throw new WireError('an upgrade that answers another key')
    this.#head = undefined
    this.open = true
    this.#opened.resolve()
    this.#reader.read(head.subarray(end + HEAD_END.length))
  }

  #onPayload(opcode: number, bytes: Buffer, from: number, to: number): void {
    if (this.#ending !== undefined) return // Closed: nobody hears what comes after.
    if (opcode === OPCODE.ping) this.#control(OPCODE.pong, bytes.subarray(from, to))
    else if (opcode === OPCODE.close) {
      const code = to - from >= 2 ? bytes.readUInt16BE(from) : 1005
      this.#ending = { code, reason: bytes.toString('utf8', Math.min(to, from + 2), to) }
      this.open = false
      this.#control(OPCODE.close, bytes.subarray(from, Math.min(to, from + 2)))
      this.#socket.end()
    } else if (opcode !== OPCODE.pong) this.#options.onMessage(bytes, from, to)
  }

  #onClose(): void {
    const upgraded = this.#head === undefined
    this.open = false
    this.#ending ??= { code: ABNORMAL, reason: 'ENDED' }
    this.#opened.reject(new WireError(this.#ending.reason))
    this.#closed.resolve()
    if (upgraded) this.#options.onEnd(this.#ending)
  }
}

function upgradeRequest({ pathname, search, host }: URL, key: string): string {
  const fields = ['Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Key: ${key}`, 'Sec-WebSocket-Version: 13']
  return [['GET', pathname + search, 'HTTP/1.1'].join(' '), `Host: ${host}`, ...fields].join('\r\n') + HEAD_END
}
