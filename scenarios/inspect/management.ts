import { LabError } from '../lab/errors.ts'
import {
  apiPath,
  callManagement,
  type ManagementAddress,
  type ManagementReply,
  parsedJson,
  TooLarge,
  unreachable,
} from '../lab/own-broker/management-api.ts'

/** RabbitMQ's management API, read only: GET alone, each within a time, not too many. */

/** Requests of one look; a test counts them from outside. */
export const REQUESTS_MAX = 20

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
    const body = status === 200 ? parsedJson(text) : undefined
    if (body === undefined)
      throw new LabError(
        'NO_BROKER',
        `${url.href}: expected RabbitMQ's management API at ${apiPath(url, path)}, got ${status}${status >= 300 && status < 400 ? ', a redirection' : ''}.\nGive the address of its management page, with the path if a proxy has one: http://USER@HOST:15672/PATH`,
      )
    return body
  }

  /** An answer, or why there is none. Throws only when aborted. */
  async get(path: string): Promise<Answer> {
    try {
      const { status, text } = await this.#get(path)
      const body = parsedJson(text)
      if (status === 200 && body !== undefined) return { body }
      if (status === 401 || status === 403) return { refused: 'no-rights' }
      // The one 400 that a read can get: https://www.rabbitmq.com/docs/management#disable-stats
      return { refused: status === 400 ? 'stats-disabled' : status === 404 || status === 405 ? 'not-offered' : 'no-answer' }
    } catch (error) {
      this.#signal.throwIfAborted()
      return { refused: error instanceof TooLarge ? 'too-large' : 'no-answer' }
    }
  }

  async #get(path: string): Promise<ManagementReply> {
    if (this.#requests >= REQUESTS_MAX) throw new Error(`more than ${REQUESTS_MAX} requests`)
    this.#requests += 1
    return callManagement(this.#address, { method: 'GET', path, signal: this.#signal })
  }
}
