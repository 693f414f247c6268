import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { StringDecoder } from 'node:string_decoder'

/** One request whose answer streams in lines of JSON. node:http and not fetch: the web streams of
 *  fetch and of the client library cost 0.6 ms between two inferences. */

/** Shorter than what servers and proxies wait before they close a connection. Milliseconds. */
const IDLE_MS = 4_000
const CONNECT_WITHIN_MS = 10_000
/** A stream that goes on after its last line gives up its connection. Milliseconds. */
const REST_WITHIN_MS = 1_000
/** An answer comes in pieces; no piece is that long. Characters. */
const LINE_MAX = 1_048_576

const agents = {
  'http:': new HttpAgent({ keepAlive: true, timeout: IDLE_MS }),
  'https:': new HttpsAgent({ keepAlive: true, timeout: IDLE_MS }),
}

/** The request was dropped before its last byte. */
export class NotBegun extends Error {}

/** A line of the model server that is not JSON. */
export class NotJson extends Error {
  readonly code = 'BAD_JSON'
}

export interface ChatRequest {
  url: URL
  headers: Record<string, string>
  body: string
  /** Ends it; the server sees the hang-up. */
  signal: AbortSignal
  go?: Promise<boolean> | undefined
  /** Looks at status and headers first; an error that it throws is the outcome. */
  onReply(reply: IncomingMessage): void | Promise<void>
  /** One line. @returns whether it is the last one */
  onLine(line: object): boolean
}

/** Resolves at the last line; the connection serves the next request. With `go` the request is on
 *  its way but for its last byte, without which no server can begin: it follows once `go` resolves
 *  to true. Otherwise the request is dropped. */
export function postForLines({ url, headers, body, signal, go, onReply, onLine }: ChatRequest): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const secure = url.protocol === 'https:'
    const all = { ...headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    const options = { method: 'POST', headers: all, agent: agents[secure ? 'https:' : 'http:'] }
    const request = secure ? httpsRequest(url, options) : httpRequest(url, options)
    const hangUp = () => fail(signal.reason)
    const over = () => signal.removeEventListener('abort', hangUp)
    const fail = (error: unknown) => {
      over()
      reject(error)
      request.destroy()
    }
    signal.addEventListener('abort', hangUp, { once: true })
    // Also told when a connection falls after the last line: nobody waits for it then.
    request.on('error', fail)
    request.on('socket', socket => {
      if (!socket.connecting) return
      const late = setTimeout(() => fail(Object.assign(new Error('connect timed out'), { code: 'ETIMEDOUT' })), CONNECT_WITHIN_MS)
      socket.once('connect', () => clearTimeout(late)).once('close', () => clearTimeout(late))
    })
    request.on('response', async reply => {
      reply.on('error', fail)
      try {
        await onReply(reply)
      } catch (error) {
        return fail(error)
      }
      let done = false
      const lines = new Lines(line => {
        if (done) return
        done = onLine(line)
        if (!done) return
        over()
        resolve()
        const rest = setTimeout(() => request.destroy(), REST_WITHIN_MS).unref()
        reply.once('close', () => clearTimeout(rest))
      })
      const read = (work: () => void) => {
        try {
          work()
        } catch (error) {
          fail(error)
        }
      }
      reply.on('data', (piece: Buffer) => read(() => lines.push(piece)))
      reply.on('end', () => {
        read(() => lines.end())
        if (!done) fail(new Error('the stream ended without its last line'))
      })
    })
    if (go === undefined) return void request.end(body)
    const whole = Buffer.from(body)
    request.write(whole.subarray(0, -1))
    go.then(
      may => (may ? request.end(whole.subarray(-1)) : fail(new NotBegun())),
      (error: unknown) => fail(error),
    )
  })
}

/** Cuts a stream into lines of JSON objects. */
class Lines {
  readonly #onLine: (line: object) => void
  readonly #decoder = new StringDecoder('utf8')
  #rest = ''

  constructor(onLine: (line: object) => void) {
    this.#onLine = onLine
  }

  push(piece: Buffer): void {
    const lines = (this.#rest + this.#decoder.write(piece)).split('\n')
    this.#rest = lines.pop() ?? ''
    if (this.#rest.length > LINE_MAX) throw new NotJson(`a line of more than ${LINE_MAX} characters`)
    for (const line of lines) this.#read(line)
  }

  end(): void {
    this.#read(this.#rest + this.#decoder.end())
  }

  #read(line: string): void {
    if (line.trim() === '') return
    let value: unknown
    try {
      value = JSON.parse(line)
    } catch {
      throw new NotJson(`a line of ${line.length} characters is not JSON`)
    }
    if (typeof value !== 'object' || value === null) throw new NotJson(`a line of ${line.length} characters is not an object`)
    this.#onLine(value)
  }
}
