import type { Registry } from 'prom-client'
import type { Settings } from '#contracts/settings'
import type { Task } from '#contracts/tasks'
import { TASK_EXCHANGE } from '#contracts/topology'
import type { Broker, PublishOutcome } from '../kit/broker/types.ts'
import type { ChatStore } from '../kit/chat-store.ts'
import { every, pause } from '../kit/deadline.ts'
import type { Log } from '../kit/log.ts'
import { counter } from '../kit/metrics.ts'

/** The relay publishes what is this many confirm timeouts old. */
const RELAY_AGE_FACTOR = 2
const RELAY_AT_ONCE = 200
/** Marks gather this long. A task begun meanwhile was marked by its worker, which costs nothing
 *  here, and the mark does not hold its row when the attempt is counted. Milliseconds. */
const MARK_MS = 100

export interface HandOver extends AsyncDisposable {
  /** Publishes tasks that are committed; outcomes in the same order. */
  publish(tasks: readonly Task[]): Promise<PublishOutcome[]>
}

/** From the outbox (the tasks table) to the work queue. Any node's relay publishes what a crash or
 *  an absent broker left; a second copy costs a look, not a second answer. */
export function createHandOver({
  settings,
  broker,
  store,
  registry,
  log,
}: {
  settings: Settings
  broker: Broker
  store: ChatStore
  registry: Registry
  log: Log
}): HandOver {
  const outcomes = counter(registry, 'bot_tasks_published_total', 'Tasks published to the work queue, by outcome', ['outcome'])
  const relayed = counter(registry, 'bot_tasks_relayed_total', 'Tasks published late, by the relay')

  function publishOne(task: Task): Promise<PublishOutcome> {
    return broker.publish(
      {
        exchange: TASK_EXCHANGE,
        routingKey: task.capability,
        body: Buffer.from(JSON.stringify(task)),
        persistent: settings.taskPersistent,
        // The broker acks unroutable messages too: without this a task could vanish unnoticed.
        mandatory: true,
        messageId: task.id,
      },
      { confirmTimeoutMs: settings.confirmTimeoutMs, confirm: settings.publisherConfirms },
    )
  }

  /** Published, not yet marked. If they never are, the relay publishes them once more. */
  const unmarked: string[] = []
  const stop = new AbortController()
  let marking: Promise<void> | undefined

  async function mark(): Promise<void> {
    await pause(MARK_MS, stop.signal)
    marking = undefined
    const tasks = unmarked.splice(0)
    await store
      .markPublished(tasks)
      .catch((error: Error) => log.warn({ reason: error.message, tasks: tasks.length }, 'published, not marked'))
  }

  async function publish(tasks: readonly Task[]): Promise<PublishOutcome[]> {
    const results = await Promise.all(tasks.map(publishOne))
    for (const outcome of results) outcomes.inc({ outcome })
    const confirmed = tasks.filter((_, i) => results[i] === 'confirmed').map(task => task.id)
    if (settings.chatStored && confirmed.length > 0) {
      unmarked.push(...confirmed)
      marking ??= mark()
    }
    return results
  }

  const relay = every(
    settings.chatStored ? settings.relayMs : 0,
    async () => {
      if (broker.state.publishing !== 'connected' || broker.state.blocked) return
      const owed = await store.claimUnpublished(settings.confirmTimeoutMs * RELAY_AGE_FACTOR, RELAY_AT_ONCE)
      if (owed.length === 0) return
      const results = await publish(owed)
      const done = results.filter(outcome => outcome === 'confirmed').length
      relayed.inc(done)
      log.info({ owed: owed.length, published: done }, 'relay')
    },
    error => log.warn({ reason: error instanceof Error ? error.message : String(error) }, 'relay failed'),
  )
  return {
    publish,
    async [Symbol.asyncDispose]() {
      stop.abort()
      await Promise.all([relay[Symbol.asyncDispose](), marking])
    },
  }
}
