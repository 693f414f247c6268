import { taskId } from '#contracts/ids'
import type { NewMessage } from '../../kit/chat-append.ts'
import type { Connection } from '../connections.ts'
import { Answering } from './answering.ts'
import type { SendPathParts, SendWay } from './types.ts'

type Parts = Pick<SendPathParts, 'settings' | 'fanOut' | 'handOver' | 'log'>

/** Design `article`: nothing is stored or numbered. The event is published and forgotten, and
 *  absent users miss it. `stored` means: written to the socket. */
export class TransientWay implements SendWay {
  readonly waiting = 0
  readonly #parts: Parts
  readonly #answering: Answering

  constructor(parts: Parts) {
    this.#parts = parts
    this.#answering = new Answering(parts.log)
  }

  send(connection: Connection, message: NewMessage): void {
    this.#answering.add(this.#publish(connection, message))
  }

  drain(): Promise<void> {
    return this.#answering.done()
  }

  async #publish(connection: Connection, { conversation, sender, to, clientMessageId, body, capability }: NewMessage): Promise<void> {
    const { settings, fanOut, handOver, log } = this.#parts
    const sentAt = new Date().toISOString()
    const members = to === settings.robotUser || to === sender ? [sender] : [sender, to]
    const outcome = await fanOut.publish([
      { to: members, frame: { type: 'message', conversation, seq: 0, sender, to, body, clientMessageId, sentAt } },
    ])
    let task: string | undefined
    if (capability !== undefined) {
      task = taskId(clientMessageId, 0)
      await handOver.publish([
        { v: 1, id: task, capability, message: { conversation, seq: 0, sender, clientMessageId, sentAt }, prompt: body, robot: to },
      ])
    }
    if (outcome !== 'confirmed') log.warn({ outcome }, 'transient message lost')
    connection.send({ type: 'stored', clientMessageId, conversation, seq: 0, ...(task === undefined ? {} : { task }) })
  }
}
