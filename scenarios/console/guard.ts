import { createHash, timingSafeEqual } from 'node:crypto'

/** Who may talk to the console. Any page in a browser can reach a port on loopback, by its address
 *  or by a name that now leads here. Token, names and origins keep it out. Pure. */

export interface Asked {
  method: string
  path: string
  host?: string | undefined
  origin?: string | undefined
  /** `Sec-Fetch-Site`: what the browser itself says of the asking page. */
  fetchSite?: string | undefined
  contentType?: string | undefined
  authorization?: string | undefined
}

export interface Refusal {
  status: 401 | 403 | 404 | 405 | 415 | 421
  code: 'WRONG_TOKEN' | 'OTHER_ORIGIN' | 'UNKNOWN_PATH' | 'WRONG_METHOD' | 'NOT_JSON' | 'WRONG_HOST'
}

/** Method of each path; those of `OPEN` need no token: they hold nothing of the lab. */
const PATHS: Readonly<Record<string, string>> = { '/': 'GET', '/readyz': 'GET', '/state': 'GET', '/act': 'POST' }
const OPEN = new Set(['/', '/readyz'])

export function refusalOf(asked: Asked, { port, token }: { port: number; token: string }): Refusal | undefined {
  const names = [`127.0.0.1:${port}`, `localhost:${port}`]
  if (asked.host === undefined || !names.includes(asked.host)) return { status: 421, code: 'WRONG_HOST' }
  if (asked.origin !== undefined && asked.origin !== `http://${asked.host}`) return { status: 403, code: 'OTHER_ORIGIN' }
  const method = PATHS[asked.path]
  if (method === undefined) return { status: 404, code: 'UNKNOWN_PATH' }
  if (asked.method !== method) return { status: 405, code: 'WRONG_METHOD' }
  if (OPEN.has(asked.path)) return undefined
  const site = asked.fetchSite
  if (site !== undefined && site !== 'same-origin') return { status: 403, code: 'OTHER_ORIGIN' }
  if (!isSame(asked.authorization ?? '', `Bearer ${token}`)) return { status: 401, code: 'WRONG_TOKEN' }
  // A form of another page can send neither this type nor the header above.
  if (method === 'POST' && asked.contentType !== 'application/json') return { status: 415, code: 'NOT_JSON' }
  return undefined
}

/** Takes as long for any two texts. */
function isSame(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(expected))
}
