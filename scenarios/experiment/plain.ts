import type { ConfirmChannel } from 'amqplib'
import type { HistoryEvent } from '#evidence/history'
import { LabError } from '../lab/errors.ts'
import type { Lab } from '../lab/lab.ts'
import { BROKER_GENERATIONS, type BrokerGeneration } from '../lab/plan.ts'
import type { SqlSession } from '../lab/sessions.ts'
import { until } from '../lab/until.ts'
import { Desk } from './desk.ts'
import { OwnWorker } from './own-worker/own-worker.ts'
import type { PartGroup } from './part-group.ts'
import type { Recorder } from './recorder.ts'

/** An arm's broker and database without our services: recorded plain channels and sessions. */

interface PlainParts {
  lab: Lab
  recorder: Recorder
  signal: AbortSignal
  closing: AsyncDisposableStack
}

export class Plain {
  readonly #parts: PlainParts
  readonly #broker: Pick<PartGroup, 'stop' | 'start'>

  constructor(parts: PlainParts, broker: Pick<PartGroup, 'stop' | 'start'>) {
    this.#parts = parts
    this.#broker = broker
  }

  /** A channel of its own. It closes with the arm. */
  async channel(): Promise<PlainChannel> {
    return new PlainChannel(await this.raw(), this.#parts.recorder, this.#parts.signal)
  }

  /** An unrecorded one of amqplib. It closes with the arm. */
  async raw(): Promise<ConfirmChannel> {
    const channel = await this.#parts.lab.confirmChannel()
    // It may be closed already.
    this.#parts.closing.defer(() => channel.close().catch(() => undefined))
    return channel
  }

  /** How many events of this kind there are so far. */
  count(kind: HistoryEvent['kind']): number {
    return this.#parts.recorder.events.filter(event => event.kind === kind).length
  }

  /** Raw channels, for a sentence that is tried. @param name of its queues */
  desk(name: string): Desk {
    return new Desk(this.#parts.lab, name, this.#parts.signal, async () => {
      await this.#broker.stop()
      await this.#broker.start()
    })
  }

  /** Whether the lab runs the broker, so that it may be stopped. */
  get ownsBroker(): boolean {
    return this.#parts.lab.plan.ownBroker === undefined
  }

  /** RabbitMQ's generation: the newest that is not newer than it. Throws UNKNOWN_BROKER. */
  async generation(): Promise<BrokerGeneration> {
    const { broker } = await this.#parts.lab.versions()
    // Others have versions of their own, and other rules.
    if (!/^RabbitMQ \d/.test(broker))
      throw new LabError('UNKNOWN_BROKER', `expected RabbitMQ, whose generations differ in known ways, got ${broker}`)
    const numberOf = (version: string) =>
      version.split('.').reduce((sum, part, i) => sum + (i < 2 ? Number(part) * 1_000 ** (1 - i) : 0), 0)
    const own = numberOf(/[\d.]+/.exec(broker)?.[0] ?? '')
    return BROKER_GENERATIONS.findLast(generation => numberOf(generation) <= own) ?? BROKER_GENERATIONS[0]
  }

  /** The plan's command, before it starts.
   *  @param heartbeatSeconds what the broker proposes to it; undefined = its default */
  ownWorker(heartbeatSeconds?: number): Promise<OwnWorker> {
    return OwnWorker.before(this.#parts, heartbeatSeconds)
  }

  /** A database session of its own. It ends with the arm. */
  async session(): Promise<SqlSession> {
    return this.#parts.closing.use(await this.#parts.lab.sqlSession())
  }

  record(event: Parameters<Recorder['record']>[0]): void {
    this.#parts.recorder.record(event)
  }

  /** Milliseconds on the clock of the history. */
  nowMs(): number {
    return this.#parts.recorder.nowMs()
  }

  until<T>(...[what, look, expected]: Parameters<typeof until<T>>): Promise<T> {
    return until(what, look, { signal: this.#parts.signal, ...expected })
  }

  /** Nothing is under way any more: the arm may be judged. */
  over(): void {
    this.record({ kind: 'rest', ended: 'rest', lastSeen: 'nothing left to do' })
  }
}

/** For whom a message is meant: every one of them, or one of those who share the work. */
export type MeantFor = { every: readonly string[] } | { oneOf: readonly string[] }

const SETTLED_WITHIN_MS = 10_000

/** A channel of amqplib, by its own names; what goes through it is recorded. */
export class PlainChannel {
  readonly #channel: ConfirmChannel
  readonly #recorder: Recorder
  readonly #signal: AbortSignal
  readonly #consumed = new Set<string>()

  constructor(channel: ConfirmChannel, recorder: Recorder, signal: AbortSignal) {
    this.#channel = channel
    this.#recorder = recorder
    this.#signal = signal
  }

  async assertExchange(name: string, type: 'direct' | 'fanout' | 'topic'): Promise<void> {
    await this.#channel.assertExchange(name, type)
    this.#recorder.record({ kind: 'declared', what: 'exchange', name, type })
  }

  /** @param args `x-…` of the queue */
  async assertQueue(name: string, args: Record<string, unknown> = {}): Promise<void> {
    await this.#channel.assertQueue(name, { arguments: args })
    this.#recorder.record({ kind: 'declared', what: 'queue', name })
  }

  async bindQueue(queue: string, exchange: string, key: string): Promise<void> {
    await this.#channel.bindQueue(queue, exchange, key)
    this.#recorder.record({ kind: 'bound', exchange, queue, key })
  }

  /** How many unsettled messages each consumer of this channel gets, from the next one on. */
  async prefetch(count: number): Promise<void> {
    await this.#channel.prefetch(count)
  }

  /** @param consumer a name for people
   *  @param work done with each message before it is acknowledged */
  async consume(queue: string, consumer: string, work: (message: string) => Promise<void> = async () => undefined): Promise<void> {
    this.#consumed.add(queue)
    await this.#channel.consume(queue, async delivery => {
      if (delivery === null) return
      const message = delivery.content.toString()
      this.#recorder.record({ kind: 'received', message, queue, consumer })
      await work(message)
      this.#channel.ack(delivery)
    })
  }

  /** @param message also its name: no two are alike */
  publish(exchange: string, key: string, message: string, meantFor: MeantFor): void {
    const [each, names] = 'every' in meantFor ? (['every', meantFor.every] as const) : (['one', meantFor.oneOf] as const)
    this.#recorder.record({ kind: 'published', message, exchange, key, meantFor: [...names], each })
    this.#channel.publish(exchange, key, Buffer.from(message))
  }

  /** Until all that was published is delivered. A count overtakes messages, so it follows the
   *  confirms; what was delivered by then comes before one more answer. */
  async settled(): Promise<void> {
    const counts = () => Promise.all([...this.#consumed].map(queue => this.#channel.checkQueue(queue)))
    const ready = async () => (await counts()).reduce((sum, { messageCount }) => sum + messageCount, 0)
    await this.#channel.waitForConfirms()
    await until('every queue is empty', ready, { equals: 0, withinMs: SETTLED_WITHIN_MS, signal: this.#signal })
    await counts()
  }
}
