import type { Delivery } from '#contracts/events'
import { taskQueue } from '#contracts/topology'
import type { Broker } from '../kit/broker/types.ts'
import type { ChatStore } from '../kit/chat-store.ts'
import { every } from '../kit/deadline.ts'
import type { Log } from '../kit/log.ts'
import type { Connections } from './connections.ts'

export interface Waiting extends AsyncDisposable {
  /** A prompt or an answer passes this node. */
  passing(delivery: Delivery): void
  /** A user arrived, perhaps with open tasks from before. */
  arrived(user: string): void
}

/** Tells askers when their task's place changes: one query and one declare per capability. */
export function createWaiting({
  everyMs,
  robot,
  store,
  broker,
  connections,
  log,
}: {
  everyMs: number
  robot: string
  store: ChatStore
  broker: Broker
  connections: Connections
  log: Log
}): Waiting {
  /** Users here who may have a task that waits. */
  const watched = new Set<string>()
  /** The last news, by task. */
  const told = new Map<string, string>()

  async function look(): Promise<void> {
    const users = [...watched].filter(user => connections.has(user))
    watched.clear()
    if (users.length === 0) {
      told.clear()
      return
    }
    const rows = await store.waiting(users)
    const online = new Map<string, number>()
    for (const capability of new Set(rows.map(row => row.capability))) {
      const counts = await broker.counts(taskQueue(capability))
      if (counts !== null) online.set(capability, counts.consumers)
    }
    for (const { task, conversation, asker, capability, ahead, waits } of rows) {
      watched.add(asker)
      if (!waits) continue // It runs, and may come back to the queue.
      const workersOnline = online.get(capability)
      if (workersOnline === undefined) continue // Unknown: no number is better than a guess.
      const state = `${ahead}/${workersOnline}`
      if (told.get(task) === state) continue
      told.set(task, state)
      connections.deliver([asker], { type: 'waiting', task, conversation, ahead, workersOnline })
    }
    const open = new Set(rows.filter(row => row.waits).map(row => row.task))
    for (const task of told.keys()) if (!open.has(task)) told.delete(task)
  }

  const loop = every(everyMs, look, error =>
    log.warn({ reason: error instanceof Error ? error.message : String(error) }, 'waiting not told'),
  )
  return {
    passing({ frame }) {
      if (frame.type === 'message' && frame.to === robot && connections.has(frame.sender)) {
        watched.add(frame.sender)
        loop.now()
      }
    },
    arrived(user) {
      watched.add(user)
      // A new device has not heard what the others heard.
      for (const task of told.keys()) told.set(task, '')
    },
    [Symbol.asyncDispose]: () => loop[Symbol.asyncDispose](),
  }
}
