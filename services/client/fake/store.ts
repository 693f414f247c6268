import type { ClientFrame, Cursors, MessageFrame } from '#contracts/frames'
import { conversationId, taskId } from '#contracts/ids'

export const ROBOT = 'URobot'

type Send = Extract<ClientFrame, { type: 'send' }>

/** What all fake nodes share: numbered messages; the same client id gets the same seq. */
export class FakeStore {
  readonly messages = new Map<string, MessageFrame[]>()

  save(sender: string, send: Send): { message: MessageFrame; first: boolean; task: string | undefined } {
    const conversation = conversationId(sender, send.to)
    const stored = this.messages.get(conversation) ?? []
    this.messages.set(conversation, stored)
    const known = stored.find(m => m.clientMessageId === send.clientMessageId)
    const message = known ?? {
      type: 'message',
      conversation,
      seq: stored.length + 1,
      sender,
      to: send.to,
      body: send.body,
      clientMessageId: send.clientMessageId,
      sentAt: '2026-01-01T00:00:00.000Z',
    }
    if (known === undefined) stored.push(message)
    return { message, first: known === undefined, task: send.to === ROBOT ? taskId(conversation, message.seq) : undefined }
  }

  answer(user: string, task: string, body: string, answered = true): MessageFrame {
    const { message } = this.save(ROBOT, { type: 'send', clientMessageId: crypto.randomUUID(), to: user, body })
    return Object.assign(message, { task, answered })
  }

  of(user: string): [conversation: string, messages: MessageFrame[]][] {
    return [...this.messages].filter(([, [first]]) => first !== undefined && (first.sender === user || first.to === user))
  }

  heads(user: string): Cursors {
    return Object.fromEntries(this.of(user).map(([conversation, messages]) => [conversation, messages.length]))
  }
}
