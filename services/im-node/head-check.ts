import type { Registry } from 'prom-client'
import type { Delivery } from '#contracts/events'
import type { Cursors } from '#contracts/frames'
import type { ChatStore } from '../kit/chat-store.ts'
import { every } from '../kit/deadline.ts'
import type { Log } from '../kit/log.ts'
import { counter } from '../kit/metrics.ts'
import type { ReadyRun } from '../kit/ready-batch.ts'
import type { Connections } from './connections.ts'

export interface HeadCheck extends AsyncDisposable {
  /** A delivery passes this node. */
  passing(delivery: Delivery): void
  /** Ready-made frames pass this node. */
  ready(run: ReadyRun): void
  /** Looks at once: while the fan-out queue was gone, this node missed events. */
  now(): void
}

/** Tells users whose sent messages are behind the stored heads: events get lost in a reconnect. */
export function createHeadCheck({
  everyMs,
  store,
  connections,
  registry,
  log,
}: {
  everyMs: number
  store: ChatStore
  connections: Connections
  registry: Registry
  log: Log
}): HeadCheck {
  const told = counter(registry, 'chat_heads_told_total', 'Users told that a conversation is ahead of what they were sent')
  /** Highest seq sent or told, per connected user and conversation. */
  const passed = new Map<string, Map<string, number>>()
  const raise = (user: string, conversation: string, seq: number): void => {
    let own = passed.get(user)
    if (own === undefined) {
      own = new Map()
      passed.set(user, own)
    }
    if (seq > (own.get(conversation) ?? 0)) own.set(conversation, seq)
  }

  async function look(): Promise<void> {
    for (const user of passed.keys()) if (!connections.has(user)) passed.delete(user)
    const users = connections.users()
    if (users.length === 0) return
    const behind = new Map<string, Cursors>()
    for (const { user, conversation, head } of await store.heads(users)) {
      if (head <= (passed.get(user)?.get(conversation) ?? 0)) continue
      raise(user, conversation, head)
      const heads = behind.get(user) ?? {}
      heads[conversation] = head
      behind.set(user, heads)
    }
    for (const [user, heads] of behind) {
      if (connections.deliver([user], { type: 'head', heads }) > 0) told.inc()
    }
  }

  const loop = every(everyMs, look, error =>
    log.warn({ reason: error instanceof Error ? error.message : String(error) }, 'head check failed'),
  )
  return {
    passing({ to, frame }) {
      if (frame.type !== 'message' || frame.seq === 0) return
      for (const user of to) if (connections.has(user)) raise(user, frame.conversation, frame.seq)
    },
    ready({ to, head }) {
      if (head === undefined) return
      for (const user of to) if (connections.has(user)) raise(user, head.conversation, head.seq)
    },
    now: () => loop.now(),
    [Symbol.asyncDispose]: () => loop[Symbol.asyncDispose](),
  }
}
