import type { Registry } from 'prom-client'
import type { Delivery } from '#contracts/events'
import type { ClientFrame, MessageFrame, RefusalCode } from '#contracts/frames'
import { conversationId } from '#contracts/ids'
import { BODY_MAX_BYTES } from '#contracts/limits'
import type { Settings } from '#contracts/settings'
import type { Task } from '#contracts/tasks'
import type { Broker, PublishOutcome } from '../kit/broker.ts'
import type { Appended, NewMessage } from '../kit/chat-append.ts'
import type { ChatStore } from '../kit/chat-store.ts'
import type { Log } from '../kit/log.ts'
import { counter, histogram } from '../kit/metrics.ts'
import type { Connection, Connections } from './connections.ts'
import type { FanOut } from './fan-out/fan-out.ts'
import type { HandOver } from './hand-over.ts'
import { sendTransient } from './send-transient.ts'

export type Send = Extract<ClientFrame, { type: 'send' }>

/** Messages that one write takes along at most. */
const BATCH_MAX = 512
/** Messages that may wait for a write; beyond it senders hear "busy" at once instead of waiting for their turn to fail. */
const WAITING_MAX = 20_000

export interface SendPathParts {
  settings: Settings
  store: ChatStore
  broker: Broker
  connections: Connections
  fanOut: FanOut
  handOver: HandOver
  registry: Registry
  log: Log
}

interface Pending {
  message: NewMessage
  connection: Connection
}

/** From a `send` frame to `stored`. Group commit: what arrives while one write is in flight forms the next batch, for the database and for the fan-out. */
export class SendPath {
  readonly #parts: SendPathParts
  readonly #queue: Pending[] = []
  readonly #publishing = new Set<Promise<void>>()
  readonly #stored
  readonly #refusals
  readonly #batchSize
  #writing: Promise<void> | undefined
  #draining = false

  constructor(parts: SendPathParts) {
    this.#parts = parts
    this.#stored = counter(parts.registry, 'chat_stored_total', 'Messages answered with "stored"')
    this.#refusals = counter(parts.registry, 'chat_refused_total', 'Frames refused, by code', ['code'])
    this.#batchSize = histogram(parts.registry, 'chat_batch_messages', 'Messages per write', [1, 2, 5, 10, 20, 50, 100, 200, 512])
  }

  /** Takes one frame of an authenticated connection; the answer goes to that connection. */
  accept(connection: Connection, frame: Send): void {
    const refusal = this.#refusal(connection, frame)
    if (refusal !== undefined) {
      this.#refuse(connection, frame.clientMessageId, ...refusal)
      return
    }
    const { settings } = this.#parts
    const message: NewMessage = {
      conversation: conversationId(connection.user, frame.to),
      sender: connection.user,
      to: frame.to,
      clientMessageId: frame.clientMessageId,
      body: frame.body,
      ...(frame.to === settings.robotUser ? { capability: frame.capability ?? 'chat' } : {}),
    }
    if (!settings.chatStored) {
      this.#track(sendTransient(this.#parts, connection, message))
      return
    }
    this.#queue.push({ message, connection })
    this.#writing ??= this.#write()
  }

  /** No new frames; resolves when those accepted have their answer. */
  async drain(): Promise<void> {
    this.#draining = true
    await this.#writing
    await Promise.all(this.#publishing)
  }

  #refusal({ user }: Connection, frame: Send): [RefusalCode, boolean, string] | undefined {
    const { settings, broker, connections } = this.#parts
    const bytes = Buffer.byteLength(frame.body)
    if (this.#draining) return ['SHUTTING_DOWN', true, 'this node stops; another one takes it']
    if (!connections.mayPublish(user, performance.now()))
      return ['RATE_LIMITED', true, `more than ${settings.userFramesPerSecond} messages per second`]
    if (bytes > BODY_MAX_BYTES) return ['BODY_TOO_LARGE', false, `${bytes} bytes; at most ${BODY_MAX_BYTES}`]
    if (frame.to === settings.robotUser && !settings.capabilitiesOffered.includes(frame.capability ?? 'chat')) {
      return ['UNKNOWN_CAPABILITY', false, `${frame.capability}; offered: ${settings.capabilitiesOffered.join(', ')}`]
    }
    if (this.#queue.length >= WAITING_MAX) return ['BUSY', true, 'too many messages wait for the database']
    // Known before anything is stored: the sender hears it at once.
    if (broker.state.blocked) return ['BUSY', true, 'the broker raised an alarm']
    if (broker.state.publishing !== 'connected') return ['BROKER_UNAVAILABLE', true, 'no connection to the broker']
    return undefined
  }

  #refuse(connection: Connection, ref: string, code: RefusalCode, retryable: boolean, detail: string): void {
    this.#refusals.inc({ code })
    connection.send({ type: 'refused', ref, code, retryable, detail })
  }

  #track(work: Promise<void>): void {
    const tracked = work
      .catch((error: unknown) => this.#parts.log.error({ err: error }, 'send path'))
      .finally(() => this.#publishing.delete(tracked))
    this.#publishing.add(tracked)
  }

  async #write(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#take()
      this.#batchSize.observe(batch.length)
      try {
        const { robotUser, userTasksMax } = this.#parts.settings
        const placed = await this.#parts.store.append(
          batch.map(pending => pending.message),
          { robot: robotUser, userTasksMax },
        )
        // Not awaited: the next write goes on while this batch is published. One channel keeps the order.
        this.#track(this.#publish(batch, placed))
      } catch (error) {
        this.#parts.log.warn({ reason: error instanceof Error ? error.message : String(error), messages: batch.length }, 'batch not stored')
        for (const { message, connection } of batch)
          this.#refuse(connection, message.clientMessageId, 'STORE_UNAVAILABLE', true, 'the database did not take it')
      }
    }
    this.#writing = undefined
  }

  /** The next batch; one id of one sender only once, since its repetition must find the first one stored. */
  #take(): Pending[] {
    const keys = new Set<string>()
    const batch: Pending[] = []
    const later: Pending[] = []
    while (this.#queue.length > 0 && batch.length < BATCH_MAX) {
      const pending = this.#queue.shift()!
      const key = `${pending.message.sender}:${pending.message.clientMessageId}`
      if (keys.has(key)) later.push(pending)
      else batch.push(pending)
      keys.add(key)
    }
    this.#queue.unshift(...later)
    return batch
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
        // Not for the client to repeat by itself: the user's own questions have to be answered first.
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
        // A repetition's task was published with the first, or the relay owes it. One that is held back is published when its turn comes.
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
    for (const { pending, seq, task, published } of stored)
      this.#answer(pending, seq, task, fannedOut, published < 0 ? 'confirmed' : (handedOver[published] ?? 'unknown'))
  }

  #answer(
    { connection, message }: Pending,
    seq: number,
    task: string | undefined,
    fannedOut: PublishOutcome,
    handedOver: PublishOutcome,
  ): void {
    const { clientMessageId, conversation } = message
    if (handedOver === 'rejected') {
      // The row stays: the relay publishes it when there is room, and a retry of the same id then hears "stored".
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
      connection.send({ type: 'stored', clientMessageId, conversation, seq, ...(task === undefined ? {} : { task }) })
    }
  }
}
