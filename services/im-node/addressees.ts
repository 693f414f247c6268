import { conversationId } from '#contracts/ids'

/** More are forgotten, all at once: it costs a hash each to find them again. */
const KNOWN_MAX = 1_000

/** Whom a connection has written to: names that the schema let pass, and the conversation of each,
 *  whose id is a hash of both names. */
export class Addressees {
  readonly #user: string
  readonly #conversations = new Map<string, string>()

  constructor(user: string) {
    this.#user = user
  }

  knows(name: string): boolean {
    return this.#conversations.has(name)
  }

  /** The conversation with somebody whose name is valid. */
  conversationWith(name: string): string {
    let conversation = this.#conversations.get(name)
    if (conversation === undefined) {
      conversation = conversationId(this.#user, name)
      if (this.#conversations.size >= KNOWN_MAX) this.#conversations.clear()
      this.#conversations.set(name, conversation)
    }
    return conversation
  }
}
