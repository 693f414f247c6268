import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import type { Frame } from './frames.ts'
import { refusalOf } from './guard.ts'

/** The console over HTTP: the page, a stream of frames, acts. Loopback only. */

const HOST = '127.0.0.1'
const BODY_MAX_BYTES = 65_536
/** Pages that look at a time. */
const PAGES_MAX = 16
/** A page that has read less than this of what it was sent gets everything anew. Bytes. */
const UNREAD_MAX_BYTES = 1_000_000

const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}

/** What is served. */
export interface Served {
  /** @param send gets each further frame @returns everything so far, and how to leave */
  join(send: (frame: Frame) => void): { whole: () => Frame; leave: () => void }
  act(input: unknown): Promise<{ error?: { code: string; detail: string } }>
  /** The HTML document. */
  page(): Promise<string>
}

export class ConsoleServer implements AsyncDisposable {
  readonly #served: Served
  readonly #token: string
  readonly #server: Server
  #port = 0
  #pages = 0

  private constructor(served: Served, token: string) {
    this.#served = served
    this.#token = token
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => {
        if (!response.headersSent) json(response, 500, { error: { code: 'INTERNAL', detail: String(error) } })
        else response.destroy()
      })
    })
  }

  /** @param port 0 = any */
  static async listen(served: Served, { port, token }: { port: number; token: string }): Promise<ConsoleServer> {
    const own = new ConsoleServer(served, token)
    await new Promise<void>((resolve, reject) => own.#server.once('error', reject).listen(port, HOST, resolve))
    const address = own.#server.address()
    own.#port = typeof address === 'object' && address !== null ? address.port : 0
    return own
  }

  get port(): number {
    return this.#port
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', headers } = request
    const path = (request.url ?? '').replace(/\?.*/s, '')
    const site = headers['sec-fetch-site']
    const asked = { method, path, host: headers.host, origin: headers.origin, authorization: headers.authorization }
    const refusal = refusalOf(
      { ...asked, contentType: headers['content-type'], fetchSite: typeof site === 'string' ? site : undefined },
      { port: this.#port, token: this.#token },
    )
    if (refusal !== undefined) return json(response, refusal.status, { error: { code: refusal.code, detail: '' } })
    if (path === '/readyz') return json(response, 200, { ready: true, missing: [] })
    if (path === '/') {
      response.writeHead(200, { ...HEADERS, 'content-type': 'text/html; charset=utf-8' }).end(await this.#served.page())
      return
    }
    if (path === '/state') return this.#stream(response)
    const body = await readBody(request)
    if (body === undefined) return json(response, 413, { error: { code: 'TOO_LONG', detail: `${BODY_MAX_BYTES}` } })
    const done = await this.#served.act(body)
    json(response, done.error === undefined ? 200 : 400, done)
  }

  #stream(response: ServerResponse): void {
    if (this.#pages >= PAGES_MAX) {
      json(response, 503, { error: { code: 'TOO_MANY_PAGES', detail: `${PAGES_MAX}` } })
      return
    }
    this.#pages += 1
    response.writeHead(200, { ...HEADERS, 'content-type': 'application/x-ndjson' })
    let isBehind = false
    const write = (frame: Frame) => response.write(`${JSON.stringify(frame)}\n`)
    const { whole, leave } = this.#served.join(frame => {
      if (response.writableLength > UNREAD_MAX_BYTES) isBehind = true
      else if (!isBehind) write(frame)
    })
    response.on('drain', () => {
      if (!isBehind) return
      isBehind = false
      write(whole())
    })
    response.on('close', () => {
      this.#pages -= 1
      leave()
    })
    write(whole())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>(resolve => this.#server.close(() => resolve()))
    this.#server.closeAllConnections()
    await closed
  }
}

function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { ...HEADERS, 'content-type': 'application/json' }).end(JSON.stringify(value))
}

/** undefined: longer than anything that a page sends. What is not JSON is judged as `null`. */
async function readBody(request: IncomingMessage): Promise<unknown> {
  if (Number(request.headers['content-length'] ?? BODY_MAX_BYTES + 1) > BODY_MAX_BYTES) return undefined
  const given = await text(request)
  try {
    return JSON.parse(given) as unknown
  } catch {
    return null
  }
}
