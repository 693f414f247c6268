import type { Delivery } from '#contracts/events'
import { taskId } from '#contracts/ids'
import type { NewMessage } from '../../kit/new-message.ts'
import type { Connection } from '../connections.ts'
import { Answering } from './answering.ts'
import type { SendPathParts, SendWay } from './types.ts'

type Parts = Pick<SendPathParts, 'settings' | 'fanOut' | 'handOver' | 'log'>

interface Pending {
  message: NewMessage
  connection: Connection
}

/** Design `article`: nothing is stored or numbered. The event is published and forgotten, and
 *  absent users miss it. `stored` means: written to the socket. */
export class TransientWay implements SendWay {
  readonly waiting = 0
  readonly #parts: Parts
  readonly #answering: Answering
  /** What came in this turn of the event loop; with `fanoutBatching` it shares a broker message. */
  #turn: Pending[] = []

  constructor(parts: Parts) {
    this.#parts = parts
    this.#answering = new Answering(parts.log)
  }

  send(connection: Connection, message: NewMessage): void {
    if (this.#turn.push({ connection, message }) === 1)
      this.#answering.add(new Promise<void>(resolve => setImmediate(resolve)).then(() => this.#publish()))
  }

  drain(): Promise<void> {
    return this.#answering.done()
  }

  async #publish(): Promise<void> {
    const { settings, fanOut, handOver, log } = this.#parts
    const turn = this.#turn
    this.#turn = []
    const sentAt = new Date().toISOString()
    const outcome = await fanOut.publish(turn.map(({ message }) => deliveryOf(message, sentAt, settings.robotUser)))
    if (outcome !== 'confirmed') log.warn({ outcome, messages: turn.length }, 'transient messages lost')
    // Side by side: a prompt waits for the work queue, the others do not.
    for (const pending of turn) this.#answering.add(this.#answer(pending, sentAt, handOver))
  }

  async #answer({ connection, message }: Pending, sentAt: string, handOver: Parts['handOver']): Promise<void> {
    const { conversation, sender, to, clientMessageId, body, capability } = message
    let task: string | undefined
    if (capability !== undefined) {
      task = taskId(clientMessageId, 0)
      const asked = { conversation, seq: 0, sender, clientMessageId, sentAt }
      await handOver.publish([{ v: 1, id: task, capability, message: asked, prompt: body, robot: to }])
    }
    connection.send({ type: 'stored', clientMessageId, conversation, seq: 0, ...(task === undefined ? {} : { task }) })
  }
}

function deliveryOf({ conversation, sender, to, clientMessageId, body }: NewMessage, sentAt: string, robot: string): Delivery {
  const members = to === robot || to === sender ? [sender] : [sender, to]
  return { to: members, frame: { type: 'message', conversation, seq: 0, sender, to, body, clientMessageId, sentAt } }
}
