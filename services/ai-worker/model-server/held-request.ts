import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { Asked } from './model-api.ts'
import { checkReply } from './refusal.ts'

/** A request that can be on its way but for its last byte, by node:http. */

/** Shorter than what servers and proxies wait before they close a connection. Milliseconds. */
const IDLE_MS = 4_000
const CONNECT_WITHIN_MS = 10_000

const agents = {
  'http:': new HttpAgent({ keepAlive: true, timeout: IDLE_MS }),
  'https:': new HttpsAgent({ keepAlive: true, timeout: IDLE_MS }),
}

/** The request was dropped before its last byte. */
export class NotBegun extends Error {}

interface Sent {
  method: string
  headers: Record<string, string>
  body: string
}

/** The server closed a connection that was kept for it, as llama.cpp's does after an answer. */
class Stale extends Error {}

/** The reply of a server that accepts the request. Throws a Refusal, and NotBegun where `go` says
 *  no: the request is dropped. */
export async function heldReply(url: URL, sent: Sent, held: Pick<Asked, 'signal' | 'go'>): Promise<IncomingMessage> {
  try {
    return await replyTo(url, sent, held)
  } catch (error) {
    if (!(error instanceof Stale)) throw error
    return await replyTo(url, sent, held, 'anew')
  }
}

async function replyTo(
  url: URL,
  { method, headers: given, body: text }: Sent,
  { signal, go }: Pick<Asked, 'signal' | 'go'>,
  anew?: 'anew',
): Promise<IncomingMessage> {
  signal.throwIfAborted()
  const body = Buffer.from(text)
  const headers = { ...given, 'content-length': body.length }
  const secure = url.protocol === 'https:'
  const options = { method, headers, agent: anew === undefined && agents[secure ? 'https:' : 'http:'] }
  const request = secure ? httpsRequest(url, options) : httpRequest(url, options)
  const hangUp = () => request.destroy(signal.reason instanceof Error ? signal.reason : new Error('ended from here'))
  signal.addEventListener('abort', hangUp, { once: true })
  request.once('close', () => signal.removeEventListener('abort', hangUp))
  const replied = new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', resolve)
    request.on('error', (error: NodeJS.ErrnoException) => reject(request.reusedSocket && error.code === 'ECONNRESET' ? new Stale() : error))
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
  // Its reader hears of an error; after that nobody does.
  reply.on('error', () => undefined)
  try {
    await checkReply(reply)
  } catch (error) {
    request.destroy()
    throw error
  }
  return reply
}
