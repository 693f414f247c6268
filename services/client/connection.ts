import { WebSocket } from 'ws'
import { type ClientFrame, PROTOCOL_VERSION, ServerFrame } from '#contracts/frames'
import { closeCodeOfStatus, type Ending } from './close-policy.ts'
import { ChatError, type Frame, type Tuning } from './types.ts'

/** Ours: a node's largest frame is a page's message or a head with 1,000 entries, well below. */
const SERVER_FRAME_MAX_BYTES = 1_048_576
const CLOSE_WITHIN_MS = 1_000

export interface ConnectionOptions {
  /** HTTP address of the node. */
  url: string
  token: string
  trust: boolean
  origin: string | undefined
  tuning: Pick<Tuning, 'readyWithinMs' | 'heartbeatMs' | 'heartbeatTimeoutMs'>
  onReady(frame: Frame<'ready'>): void
  /** Everything after `ready`. Called synchronously and in order. */
  onFrame(frame: ServerFrame): void
  onTrouble(error: ChatError): void
}

/** One socket from auth to its end. It never reconnects; `ended` always resolves. */
export class Connection {
  readonly ended: Promise<Ending>
  readonly #options: ConnectionOptions
  readonly #socket: WebSocket
  readonly #readyDeadline: NodeJS.Timeout
  #heartbeat: NodeJS.Timeout | undefined
  #probe: NodeJS.Timeout | undefined
  #readyAtMs: number | undefined
  #heardAtMs = performance.now()
  #cause: { cause: Ending['cause']; reason: string; code?: number } | undefined

  constructor(options: ConnectionOptions) {
    this.#options = options
    const address = new URL('/chat', options.url)
    address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:'
    const socket = new WebSocket(address, {
      perMessageDeflate: false,
      maxPayload: SERVER_FRAME_MAX_BYTES,
      skipUTF8Validation: options.trust,
      ...(options.origin === undefined ? {} : { origin: options.origin }),
    })
    this.#socket = socket
    this.#readyDeadline = setTimeout(
      () => this.#end('never-ready', `not ready within ${options.tuning.readyWithinMs} ms`),
      options.tuning.readyWithinMs,
    )
    socket.on('open', () => this.send({ type: 'auth', version: PROTOCOL_VERSION, token: options.token }))
    socket.on('message', (raw: Buffer, isBinary: boolean) => this.#received(raw, isBinary))
    const heard = () => {
      this.#heardAtMs = performance.now()
    }
    socket.on('ping', heard)
    socket.on('pong', heard)
    socket.on('unexpected-response', (request, response) => {
      const status = response.statusCode ?? 0
      request.destroy()
      this.#end('never-ready', `HTTP ${status} in place of a WebSocket`, closeCodeOfStatus(status))
    })
    // A 'close' always follows; the error only names the cause (ECONNREFUSED, a frame too big).
    socket.on('error', error => {
      this.#cause ??= { cause: this.#readyAtMs === undefined ? 'never-ready' : 'garbage', reason: error.message }
    })
    this.ended = new Promise(resolve => {
      socket.on('close', (code, reason) => {
        clearTimeout(this.#readyDeadline)
        clearInterval(this.#heartbeat)
        clearTimeout(this.#probe)
        const cause = this.#cause ?? { cause: this.#readyAtMs === undefined ? 'never-ready' : 'peer', reason: reason.toString() }
        resolve({
          code: cause.code ?? code,
          reason: cause.reason,
          cause: cause.cause,
          livedMs: this.#readyAtMs === undefined ? 0 : performance.now() - this.#readyAtMs,
        })
      })
    })
  }

  /** false = not open: surely nothing was written. */
  send(frame: ClientFrame): boolean {
    return this.sendText(JSON.stringify(frame))
  }

  sendText(text: string): boolean {
    if (this.#socket.readyState !== WebSocket.OPEN) return false
    this.#socket.send(text)
    return true
  }

  heardSince(atMs: number): boolean {
    return this.#heardAtMs >= atMs
  }

  /** Asks for a sign of life; without one in time the connection ends as silent. */
  probe(): void {
    if (this.#probe !== undefined || this.#socket.readyState !== WebSocket.OPEN) return
    const { heartbeatTimeoutMs } = this.#options.tuning
    const askedAtMs = performance.now()
    this.#socket.ping()
    this.#probe = setTimeout(() => {
      // After a stall of this process timers fire before sockets are read: look once more.
      setImmediate(() => {
        this.#probe = undefined
        if (!this.heardSince(askedAtMs)) this.#end('silent', `no sign of life within ${heartbeatTimeoutMs} ms`)
      })
    }, heartbeatTimeoutMs).unref()
  }

  /** Says goodbye; cuts the line if the node does not answer. */
  close(): Promise<Ending> {
    this.#cause ??= { cause: 'ours', reason: 'closed by the client' }
    this.#socket.close(1000)
    setTimeout(() => this.#socket.terminate(), CLOSE_WITHIN_MS).unref()
    return this.ended
  }

  #end(cause: Ending['cause'], reason: string, code?: number): void {
    this.#cause ??= code === undefined ? { cause, reason } : { cause, reason, code }
    this.#socket.terminate()
  }

  #received(raw: Buffer, isBinary: boolean): void {
    // Ended already; the next connection's resume covers the rest.
    if (this.#cause !== undefined) return
    this.#heardAtMs = performance.now()
    let frame: ServerFrame
    try {
      if (isBinary) throw new TypeError('a binary frame')
      const json: unknown = JSON.parse(raw.toString())
      // Load tests trust the nodes that they started.
      frame = this.#options.trust ? (json as ServerFrame) : ServerFrame.parse(json)
    } catch (cause) {
      const reason = cause instanceof SyntaxError ? 'not JSON' : cause instanceof TypeError ? cause.message : 'not a frame of this protocol'
      this.#options.onTrouble(new ChatError('BAD_SERVER_FRAME', `${this.#options.url} sent ${raw.length} bytes: ${reason}`, { cause }))
      this.#end('garbage', reason)
      return
    }
    if (frame.type === 'ready' && this.#readyAtMs === undefined) this.#ready(frame)
    else this.#options.onFrame(frame)
  }

  #ready(frame: Frame<'ready'>): void {
    this.#readyAtMs = performance.now()
    clearTimeout(this.#readyDeadline)
    const { heartbeatMs } = this.#options.tuning
    this.#heartbeat = setInterval(() => {
      if (!this.heardSince(performance.now() - heartbeatMs)) this.probe()
    }, heartbeatMs).unref()
    this.#options.onReady(frame)
  }
}
