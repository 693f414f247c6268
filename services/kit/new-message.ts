/** A message on its way into the store. */
export interface NewMessage {
  conversation: string
  sender: string
  to: string
  clientMessageId: string
  body: string
  /** Prompts only. */
  capability?: string
}
/** A known id with the same text and addressee is the `same` message, else the id is `reused`. */
export type Placed =
  | {
      outcome: 'stored' | 'same'
      seq: number
      sentAt: string
      task?: string
      /** `conversationInOrder`: an earlier task is open, so do not publish this one yet. */
      held?: true
    }
  | { outcome: 'reused' }
