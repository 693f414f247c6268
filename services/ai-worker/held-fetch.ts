import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { pipeline, Readable } from 'node:stream'
import { CheckedLines } from './checked-lines.ts'

/** `fetch` for the client library, by node:http: a request can be on its way but for its last byte,
 *  and the answer's lines are checked before the library, which skips bad ones. */

/** Shorter than what servers and proxies wait before they close a connection. Milliseconds. */
const IDLE_MS = 4_000
const CONNECT_WITHIN_MS = 10_000

const agents = {
  'http:': new HttpAgent({ keepAlive: true, timeout: IDLE_MS }),
  'https:': new HttpsAgent({ keepAlive: true, timeout: IDLE_MS }),
}

/** The request was dropped before its last byte. */
export class NotBegun extends Error {}

export interface Held {
  /** Ends request and answer; the server sees the hang-up. */
  signal: AbortSignal
  /** The last byte, without which no server can begin, follows once this is true. Otherwise the
   *  request is dropped. */
  go?: Promise<boolean> | undefined
  /** Looks at status and headers; an error that it throws is the outcome. */
  onReply(reply: IncomingMessage): void | Promise<void>
}

export async function heldFetch(input: string | URL | Request, init: RequestInit = {}, { signal, go, onReply }: Held): Promise<Response> {
  signal.throwIfAborted()
  const url = new URL(input instanceof Request ? input.url : input)
  const body = Buffer.from(String(init.body ?? ''))
  const headers = { ...Object.fromEntries(new Headers(init.headers)), 'content-length': body.length }
  const secure = url.protocol === 'https:'
  const options = { method: init.method ?? 'GET', headers, agent: agents[secure ? 'https:' : 'http:'] }
  const request = secure ? httpsRequest(url, options) : httpRequest(url, options)
  const hangUp = () => request.destroy(signal.reason instanceof Error ? signal.reason : new Error('ended from here'))
  signal.addEventListener('abort', hangUp, { once: true })
  request.once('close', () => signal.removeEventListener('abort', hangUp))
  const replied = new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', resolve)
    request.on('error', reject)
  })
  request.on('socket', socket => {
    if (!socket.connecting) return
    const late = setTimeout(() => request.destroy(Object.assign(new Error('connect timed out'), { code: 'ETIMEDOUT' })), CONNECT_WITHIN_MS)
    socket.once('connect', () => clearTimeout(late)).once('close', () => clearTimeout(late))
  })
  if (go === undefined) request.end(body)
  else {
    request.write(body.subarray(0, -1))
    go.then(
      may => (may ? request.end(body.subarray(-1)) : request.destroy(new NotBegun())),
      (error: unknown) => request.destroy(error instanceof Error ? error : new NotBegun()),
    )
  }
  const reply = await replied
  try {
    await onReply(reply)
  } catch (error) {
    request.destroy()
    throw error
  }
  // An error of either ends the other and reaches the reader.
  const lines = pipeline(reply, new CheckedLines(), () => undefined)
  return new Response(Readable.toWeb(lines) as ReadableStream<Uint8Array>, { status: 200 })
}
