import type { ChatEvents } from '#client'
import { lostText, movedText } from './lines.ts'

/** Connection news worth a line: one loss, one return, no repeated trouble. Pure. */
export class ConnectionNews {
  #lostAt: string | undefined
  #lastTrouble = ''

  /** undefined: nothing new. */
  lost({ node, url, code, reason }: ChatEvents['disconnected'][0]): string | undefined {
    if (this.#lostAt !== undefined) return undefined
    this.#lostAt = node ?? url
    return lostText(this.#lostAt, code, reason)
  }

  trouble({ code, message }: ChatEvents['trouble'][0]): string | undefined {
    if (message === this.#lastTrouble || (this.#lostAt !== undefined && code === 'UNREACHABLE')) return undefined
    this.#lastTrouble = message
    return message
  }

  back({ node, messages }: ChatEvents['caughtUp'][0]): string | undefined {
    const from = this.#lostAt
    this.#lostAt = undefined
    this.#lastTrouble = ''
    return from === undefined ? undefined : movedText(from, node, messages)
  }
}
