import type { Registry } from 'prom-client'
import type { Delivery } from '#contracts/events'
import type { ChatStore } from '../kit/chat-store.ts'
import type { Log } from '../kit/log.ts'
import { counter } from '../kit/metrics.ts'
import type { HandOver } from './hand-over.ts'

export interface ConversationOrder extends AsyncDisposable {
  /** A task ended here: the next one of its conversation is due. */
  passing(delivery: Delivery): void
}

/** The task that has ended when this passes: answered, given up with an apology, or cancelled. */
export function endedTask({ frame }: Delivery): string | undefined {
  if (frame.type === 'message') return frame.task
  return frame.type === 'refused' && frame.code === 'CANCELLED' ? frame.ref : undefined
}

/** Publishes held-back tasks when their turn comes. The store decides whose turn it is, so a
 *  repeated hint does nothing and the relay covers a lost one. */
export function createConversationOrder({
  store,
  handOver,
  registry,
  log,
}: {
  store: Pick<ChatStore, 'claimNext'>
  handOver: Pick<HandOver, 'publish'>
  registry: Registry
  log: Pick<Log, 'warn' | 'error'>
}): ConversationOrder {
  const released = counter(registry, 'bot_tasks_released_total', 'Tasks held back for the order of their conversation whose turn came here')
  const ended = new Set<string>()
  const publishing = new Set<Promise<void>>()
  let claiming: Promise<void> | undefined
  let stopped = false

  function publish(tasks: Awaited<ReturnType<ChatStore['claimNext']>>): void {
    released.inc(tasks.length)
    const work: Promise<void> = handOver
      .publish(tasks)
      .then(
        () => undefined,
        (error: unknown) => log.error({ err: error }, 'next tasks not published'),
      )
      .finally(() => publishing.delete(work))
    publishing.add(work)
  }

  /** One claim at a time: what ends during it goes into the next. */
  async function claim(): Promise<void> {
    while (ended.size > 0) {
      const batch = [...ended]
      ended.clear()
      try {
        const due = await store.claimNext(batch)
        // Not awaited: the next claim does not wait for this confirm.
        if (due.length > 0) publish(due)
      } catch (error) {
        log.warn({ reason: error instanceof Error ? error.message : String(error), ended: batch.length }, 'next tasks left to the relay')
      }
    }
    claiming = undefined
  }

  return {
    passing(delivery) {
      const task = endedTask(delivery)
      if (task === undefined || stopped) return
      ended.add(task)
      claiming ??= claim()
    },
    async [Symbol.asyncDispose]() {
      stopped = true
      await claiming
      await Promise.all(publishing)
    },
  }
}
