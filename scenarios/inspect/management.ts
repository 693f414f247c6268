import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { Readable } from 'node:stream'
import { LabError } from '../lab/errors.ts'

/** RabbitMQ's management API, read only: GET alone, each within a time, not too many. */

export interface ManagementAddress {
  /** http or https, with a path if a proxy has one. Without credentials. */
  url: URL
  user: string
  /** Secret: never logged, never stored. */
  password: string
  /** PEM of authorities to trust instead of the system's. */
  ca?: string | undefined
}

/** Requests of one look; a test counts them from outside. */
export const REQUESTS_MAX = 20
const ANSWER_WITHIN_MS = 20_000
const BODY_BYTES_MAX = 64 * 2 ** 20

/** What came instead of an answer. */
export type Refusal = 'stats-disabled' | 'no-rights' | 'not-offered' | 'too-large' | 'no-answer'
export type Answer = { body: unknown } | { refused: Refusal }

export class Management {
  readonly #address: ManagementAddress
  readonly #signal: AbortSignal
  #requests = 0

  constructor(address: ManagementAddress, signal: AbortSignal) {
    this.#address = address
    this.#signal = signal
  }

  get requests(): number {
    return this.#requests
  }

  /** The first request: all that can be wrong with the address ends here, as an error. */
  async first(path: string): Promise<unknown> {
    const { url, user } = this.#address
    const { status, text } = await this.#get(path).catch((error: unknown) => {
      this.#signal.throwIfAborted()
      throw unreachable(url, error)
    })
    if (status === 401 || status === 403)
      throw new LabError(
        'BROKER_DENIED',
        `${url.href}: expected to be let in as ${user}, got ${status}.\nIt needs a user with the tag monitoring: rabbitmqctl set_user_tags ${user} monitoring\nand to see the queues of a virtual host: rabbitmqctl set_permissions -p / ${user} '^$' '^$' '^$'`,
      )
    const body = status === 200 ? json(text) : undefined
    if (body === undefined)
      throw new LabError(
        'NO_BROKER',
        `${url.href}: expected RabbitMQ's management API at ${pathOf(url, path)}, got ${status}${status >= 300 && status < 400 ? ', a redirection' : ''}.\nGive the address of its management page, with the path if a proxy has one: http://USER@HOST:15672/PATH`,
      )
    return body
  }

  /** An answer, or why there is none. Throws only when aborted. */
  async get(path: string): Promise<Answer> {
    try {
      const { status, text } = await this.#get(path)
      const body = json(text)
      if (status === 200 && body !== undefined) return { body }
      if (status === 401 || status === 403) return { refused: 'no-rights' }
      // The one 400 that a read can get: https://www.rabbitmq.com/docs/management#disable-stats
      return { refused: status === 400 ? 'stats-disabled' : status === 404 || status === 405 ? 'not-offered' : 'no-answer' }
    } catch (error) {
      this.#signal.throwIfAborted()
      return { refused: error instanceof TooLarge ? 'too-large' : 'no-answer' }
    }
  }

  async #get(path: string): Promise<{ status: number; text: string }> {
    if (this.#requests >= REQUESTS_MAX) throw new Error(`more than ${REQUESTS_MAX} requests`)
    this.#requests += 1
    const { url, user, password, ca } = this.#address
    const options = {
      method: 'GET',
      auth: `${user}:${password}`,
      headers: { accept: 'application/json' },
      signal: AbortSignal.any([this.#signal, AbortSignal.timeout(ANSWER_WITHIN_MS)]),
      ...(ca === undefined ? {} : { ca }),
    }
    const send = url.protocol === 'https:' ? requestHttps : requestHttp
    const response = await new Promise<Readable & { statusCode?: number }>((resolve, reject) => {
      send(new URL(pathOf(url, path), url.origin), options, resolve)
        .once('error', reject)
        .end()
    })
    const chunks: Buffer[] = []
    let bytes = 0
    for await (const chunk of response) {
      bytes += (chunk as Buffer).length
      if (bytes > BODY_BYTES_MAX) throw new TooLarge()
      chunks.push(chunk as Buffer)
    }
    return { status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }
  }
}

class TooLarge extends Error {}

const pathOf = (url: URL, path: string) => `${url.pathname.replace(/\/+$/, '')}/api/${path}`

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function unreachable(url: URL, error: unknown): LabError {
  const { code = '', message = '' } = error as { code?: string; message?: string }
  const untrusted = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS/.test(code)
  const next = untrusted
    ? 'Trust its authority: --ca FILE (PEM). Its certificate must name the host'
    : 'See whether the plugin is on, and its port open: rabbitmq-plugins enable rabbitmq_management'
  return new LabError('NO_BROKER', `${url.href}: expected an answer, got ${code || message}.\n${next}`, { cause: error })
}
