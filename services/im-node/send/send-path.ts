import type { ClientFrame, RefusalCode } from '#contracts/frames'
import { BODY_MAX_BYTES } from '#contracts/limits'
import { counter } from '../../kit/metrics.ts'
import type { NewMessage } from '../../kit/new-message.ts'
import type { Connection } from '../connections.ts'
import { StoredWay } from './stored.ts'
import { TransientWay } from './transient.ts'
import type { Refuse, SendPathParts, SendWay } from './types.ts'

export type Send = Extract<ClientFrame, { type: 'send' }>

/** Messages waiting for a write; beyond this senders hear "busy" at once. */
const WAITING_MAX = 20_000

/** From a `send` frame to its answer: refuses what may not pass; the design's way does the rest. */
export class SendPath {
  readonly #parts: SendPathParts
  readonly #way: SendWay
  readonly #refusals
  #draining = false
  readonly #refuse: Refuse = (connection, ref, code, retryable, detail) => {
    this.#refusals.inc({ code })
    connection.send({ type: 'refused', ref, code, retryable, detail })
  }

  constructor(parts: SendPathParts) {
    this.#parts = parts
    this.#refusals = counter(parts.registry, 'chat_refused_total', 'Frames refused, by code', ['code'])
    this.#way = parts.settings.chatStored ? new StoredWay(parts, this.#refuse) : new TransientWay(parts)
  }

  /** Takes one frame of an authenticated connection; the answer goes to that connection. */
  accept(connection: Connection, frame: Send): void {
    const refusal = this.#refusal(connection, frame)
    if (refusal !== undefined) {
      this.#refuse(connection, frame.clientMessageId, ...refusal)
      return
    }
    const { settings } = this.#parts
    const message: NewMessage = {
      conversation: connection.addressees.conversationWith(frame.to),
      sender: connection.user,
      to: frame.to,
      clientMessageId: frame.clientMessageId,
      body: frame.body,
      ...(frame.to === settings.robotUser ? { capability: frame.capability ?? 'chat' } : {}),
    }
    this.#way.send(connection, message)
  }

  /** No new frames; resolves when those accepted have their answer. */
  async drain(): Promise<void> {
    this.#draining = true
    await this.#way.drain()
  }

  #refusal({ user }: Connection, frame: Send): [RefusalCode, boolean, string] | undefined {
    const { settings, broker, connections } = this.#parts
    const bytes = Buffer.byteLength(frame.body)
    if (this.#draining) return ['SHUTTING_DOWN', true, 'this node stops; another one takes it']
    if (!connections.mayPublish(user, performance.now()))
      return ['RATE_LIMITED', true, `more than ${settings.userFramesPerSecond} messages per second`]
    if (bytes > BODY_MAX_BYTES) return ['BODY_TOO_LARGE', false, `${bytes} bytes; at most ${BODY_MAX_BYTES}`]
    if (frame.to === settings.robotUser && !settings.capabilitiesOffered.includes(frame.capability ?? 'chat')) {
      return ['UNKNOWN_CAPABILITY', false, `${frame.capability}; offered: ${settings.capabilitiesOffered.join(', ')}`]
    }
    if (this.#way.waiting >= WAITING_MAX) return ['BUSY', true, 'too many messages wait for the database']
    // Known before anything is stored: the sender hears it at once.
    if (broker.state.blocked) return ['BUSY', true, 'the broker raised an alarm']
    if (broker.state.publishing !== 'connected') return ['BROKER_UNAVAILABLE', true, 'no connection to the broker']
    return undefined
  }
}
