import type { Delivery } from '#contracts/events'
import type { MessageFrame } from '#contracts/frames'
import type { Task } from '#contracts/tasks'
import type { PublishOutcome } from '../../kit/broker/types.ts'
import type { Appended } from '../../kit/chat-append.ts'
import { counter, histogram } from '../../kit/metrics.ts'
import type { NewMessage } from '../../kit/new-message.ts'
import { BUSY_MESSAGES } from '../busy.ts'
import type { Connection } from '../connections.ts'
import { Answering } from './answering.ts'
import type { Refuse, SendPathParts, SendWay } from './types.ts'

/** Messages that one write takes along at most. */
const BATCH_MAX = 512
/** On a busy node the next write waits for the broker as well, at most this long. Milliseconds. */
const GATHER_MAX_MS = 10

interface Pending {
  message: NewMessage
  connection: Connection
}

/** Design `sound`: stored = committed and confirmed. A write gathers the next batch meanwhile. */
export class StoredWay implements SendWay {
  readonly #parts: SendPathParts
  readonly #refuse: Refuse
  readonly #queue: Pending[] = []
  readonly #answering: Answering
  readonly #stored
  readonly #batchSize
  #writing: Promise<void> | undefined

  constructor(parts: SendPathParts, refuse: Refuse) {
    this.#parts = parts
    this.#refuse = refuse
    this.#answering = new Answering(parts.log)
    this.#stored = counter(parts.registry, 'chat_stored_total', 'Messages answered with "stored"')
    this.#batchSize = histogram(parts.registry, 'chat_batch_messages', 'Messages per write', [1, 2, 5, 10, 20, 50, 100, 200, 512])
  }

  get waiting(): number {
    return this.#queue.length
  }

  send(connection: Connection, message: NewMessage): void {
    this.#queue.push({ message, connection })
    this.#writing ??= this.#write()
  }

  async drain(): Promise<void> {
    await this.#writing
    await this.#answering.done()
  }

  /** The plain way never waits for more than the database. */
  #isBusy(batch: readonly Pending[]): boolean {
    return this.#parts.settings.fanoutBatching && batch.length >= BUSY_MESSAGES
  }

  async #write(): Promise<void> {
    while (this.#queue.length > 0) {
      // What has arrived on other sockets by now comes along.
      await turnEnds()
      const batch = this.#take()
      this.#batchSize.observe(batch.length)
      try {
        const { robotUser, userTasksMax } = this.#parts.settings
        const placed = await this.#parts.store.append(
          batch.map(pending => pending.message),
          { robot: robotUser, userTasksMax },
        )
        // Not awaited: the next write runs during this publish. One channel keeps the order.
        const published = this.#publish(batch, placed)
        this.#answering.add(published)
        // Larger batches: fewer statements, broker messages and calls of the system a message.
        if (this.#isBusy(batch)) await settledWithin(published, GATHER_MAX_MS)
      } catch (error) {
        this.#parts.log.warn({ reason: error instanceof Error ? error.message : String(error), messages: batch.length }, 'batch not stored')
        for (const { message, connection } of batch)
          this.#refuse(connection, message.clientMessageId, 'STORE_UNAVAILABLE', true, 'the database did not take it')
      }
    }
    this.#writing = undefined
  }

  /** The next batch, one of each id: a repetition must find the first one stored. */
  #take(): Pending[] {
    const keys = new Set<string>()
    const batch: Pending[] = []
    const later: Pending[] = []
    while (this.#queue.length > 0 && batch.length < BATCH_MAX) {
      const pending = this.#queue.shift()!
      const { sender, clientMessageId } = pending.message
      // A UUID is the same in either case.
      const key = `${sender}:${clientMessageId.toLowerCase()}`
      if (keys.has(key)) later.push(pending)
      else batch.push(pending)
      keys.add(key)
    }
    this.#queue.unshift(...later)
    // Neighbours share a run of the fan-out. Stable: a conversation keeps its order.
    return batch.sort((a, b) => compare(a.message.conversation, b.message.conversation))
  }

  async #publish(batch: readonly Pending[], placed: readonly Appended[]): Promise<void> {
    const deliveries: Delivery[] = []
    const tasks: Task[] = []
    const stored: { pending: Pending; seq: number; task: string | undefined; published: number }[] = []
    for (const [i, pending] of batch.entries()) {
      const { message, connection } = pending
      const place = placed[i]
      if (place === undefined || place.outcome === 'reused')
        this.#refuse(connection, message.clientMessageId, 'ID_REUSED', false, 'this id stands for another message')
      else if (place.outcome === 'too-many-tasks') {
        // Not retryable: the user's own questions must be answered first.
        this.#refuse(
          connection,
          message.clientMessageId,
          'TOO_MANY_TASKS',
          false,
          `${this.#parts.settings.userTasksMax} of your questions wait already`,
        )
      } else {
        const { seq, sentAt, task } = place
        const { conversation, sender, to, body, clientMessageId } = message
        const frame: MessageFrame = { type: 'message', conversation, seq, sender, to, body, clientMessageId, sentAt }
        deliveries.push({ to: to === this.#parts.settings.robotUser || to === sender ? [sender] : [sender, to], frame })
        // A repetition is already published or the relay's; a held-back task waits for its turn.
        const due = task !== undefined && message.capability !== undefined && place.outcome === 'stored' && place.held !== true
        stored.push({ pending, seq, task, published: due ? tasks.length : -1 })
        if (due)
          tasks.push({
            v: 1,
            id: task,
            capability: message.capability ?? 'chat',
            message: { conversation, seq, sender, clientMessageId, sentAt },
            prompt: body,
            robot: to,
          })
      }
    }
    if (stored.length === 0) return
    const [fannedOut, handedOver] = await Promise.all([this.#parts.fanOut.publish(deliveries), this.#parts.handOver.publish(tasks)])
    const later = this.#isBusy(batch)
    for (const { pending, seq, task, published } of stored)
      this.#answer(pending, seq, task, fannedOut, published < 0 ? 'confirmed' : (handedOver[published] ?? 'unknown'), later)
  }

  #answer(
    { connection, message }: Pending,
    seq: number,
    task: string | undefined,
    fannedOut: PublishOutcome,
    handedOver: PublishOutcome,
    later: boolean,
  ): void {
    const { clientMessageId, conversation } = message
    if (handedOver === 'rejected') {
      // The row stays: the relay publishes it later, and a retry then hears "stored".
      this.#refuse(connection, clientMessageId, 'BUSY', true, 'the task queue is full; your question is kept')
    } else if (fannedOut !== 'confirmed' || handedOver !== 'confirmed') {
      this.#refuse(
        connection,
        clientMessageId,
        'NOT_CONFIRMED',
        true,
        'stored, but the broker did not confirm in time; send it again with the same id',
      )
    } else {
      this.#stored.inc()
      connection.send({ type: 'stored', clientMessageId, conversation, seq, ...(task === undefined ? {} : { task }) }, later)
    }
  }
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}

/** Resolves when the work has ended, well or not, or after that time. */
async function settledWithin(work: Promise<void>, ms: number): Promise<void> {
  const late = Promise.withResolvers<void>()
  const timer = setTimeout(late.resolve, ms)
  await Promise.race([work.catch(() => undefined), late.promise])
  clearTimeout(timer)
}

const turnEnds = () => new Promise<void>(resolve => setImmediate(resolve))
