import type { IncomingMessage, ServerResponse } from 'node:http'
import { JSON_TYPE } from './lines.ts'
import { Refusal } from './requests.ts'

/** Bodies in and out, for both APIs. */

/** Servers take images, so bodies may be large; prompts of ours are not. Bytes. */
const BODY_BYTES_MAX = 1_048_576

export function sendJson(res: ServerResponse, status: number, value: object | string): void {
  res.statusCode = status
  res.setHeader('content-type', JSON_TYPE)
  res.end(typeof value === 'string' ? value : JSON.stringify(value))
}

export function notFound(req: IncomingMessage, res: ServerResponse): void {
  req.resume()
  res.statusCode = 404
  res.end('404 page not found')
}

/** The whole body as text; a client that hangs up meanwhile is a Refusal that nobody hears. */
export async function bodyOf(req: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  let bytes = 0
  try {
    for await (const piece of req as AsyncIterable<Buffer>) {
      bytes += piece.length
      // Read to the end: a client still sending hears no refusal.
      if (bytes <= BODY_BYTES_MAX) pieces.push(piece)
    }
  } catch {
    throw new Refusal(499, 'request canceled')
  }
  if (bytes > BODY_BYTES_MAX) throw new Refusal(413, `the body is larger than ${BODY_BYTES_MAX} bytes`)
  return Buffer.concat(pieces).toString('utf8')
}
