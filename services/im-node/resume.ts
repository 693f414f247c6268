import type { ClientFrame } from '#contracts/frames'
import type { Settings } from '#contracts/settings'
import type { ChatStore } from '../kit/chat-store.ts'
import type { Connection } from './connections.ts'

/** One page newer than the cursors, in seq order, a `gap` per cut conversation, heads last. Live
 *  messages may interleave; the client's view sorts them. */
export async function resume(
  connection: Connection,
  frame: Extract<ClientFrame, { type: 'resume' }>,
  { settings, store }: { settings: Settings; store: ChatStore },
): Promise<void> {
  if (!settings.chatStored) {
    connection.send({ type: 'head', heads: {} })
    return
  }
  const { messages, gaps, heads } = await store.newer(connection.user, frame.cursors, frame.only)
  for (const message of messages) connection.send(message)
  for (const gap of gaps) connection.send({ type: 'gap', ...gap })
  connection.send({ type: 'head', heads })
}
