import { taskId } from '#contracts/ids'
import type { NewMessage } from '../kit/chat-append.ts'
import type { Connection } from './connections.ts'
import type { SendPathParts } from './send-path.ts'

/** Design `article`: nothing is stored, nothing is numbered. The event is published and forgotten; a node without the addressee drops it, an addressee who is
 *  away never sees it. `stored` says only that it was written to the broker's socket. */
export async function sendTransient(
  { settings, fanOut, handOver, log }: Pick<SendPathParts, 'settings' | 'fanOut' | 'handOver' | 'log'>,
  connection: Connection,
  { conversation, sender, to, clientMessageId, body, capability }: NewMessage,
): Promise<void> {
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
