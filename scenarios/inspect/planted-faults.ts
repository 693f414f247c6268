import { type Channel, type ChannelModel, connect } from 'amqplib'

/** What `inspect` must name, planted on a broker for its tests: a queue for each fault. */

interface Consumer {
  /** Of its connection. */
  name: string
  /** Undefined: none, so unlimited. */
  prefetch?: number
  shared?: boolean
  /** Undefined: it holds what it gets. */
  settleEveryMs?: number
  requeues?: boolean
  automatic?: boolean
  heartbeat?: number
}

interface Fault {
  queue: string
  durable?: boolean
  arguments?: Record<string, string | number>
  /** Published before the consumers connect. */
  backlog?: number
  persistent?: boolean
  consumers?: Consumer[]
  /** Published each second from then on. */
  perSecond?: number
}

const QUORUM = { 'x-queue-type': 'quorum' }
const CLASSIC = { 'x-queue-type': 'classic' }
const SLOW_MS = 8_000
const worker = (name: string): Consumer[] => [{ name, prefetch: 1, settleEveryMs: 50 }]

const FAULTS: readonly Fault[] = [
  { queue: 'unlimited-prefetch', backlog: 200, consumers: [{ name: 'pernosco', settleEveryMs: SLOW_MS }] },
  {
    queue: 'hoarding',
    consumers: [
      { name: 'worker-slow', prefetch: 100, settleEveryMs: SLOW_MS },
      { name: 'worker-fast', prefetch: 100, settleEveryMs: 250 },
    ],
    perSecond: 8,
  },
  { queue: 'held-too-long', backlog: 400, consumers: [{ name: 'worker-late', prefetch: 400, settleEveryMs: SLOW_MS }] },
  { queue: 'stuck-consumer', backlog: 5, consumers: [{ name: 'worker-stuck', prefetch: 5 }] },
  { queue: 'global-prefetch', consumers: [{ name: 'worker-shared', prefetch: 50, shared: true, settleEveryMs: 50 }] },
  { queue: 'automatic-ack', consumers: [{ name: 'worker-automatic', automatic: true }] },
  { queue: 'no-consumers', backlog: 10 },
  { queue: 'growing', backlog: 10, consumers: [{ name: 'worker-overrun', prefetch: 1, settleEveryMs: 1_000 }], perSecond: 20 },
  {
    queue: 'requeue-loop',
    arguments: CLASSIC,
    backlog: 1,
    consumers: [{ name: 'worker-looping', prefetch: 1, settleEveryMs: 20, requeues: true }],
  },
  { queue: 'no-delivery-limit', arguments: { ...QUORUM, 'x-delivery-limit': -1 }, consumers: worker('worker-endless') },
  { queue: 'no-dead-letter', arguments: { ...QUORUM, 'x-delivery-limit': 3 }, consumers: worker('worker-dropping') },
  {
    queue: 'dead-letter-nowhere',
    arguments: { ...QUORUM, 'x-delivery-limit': 3, 'x-dead-letter-exchange': 'planted.missing' },
    consumers: worker('worker-astray'),
  },
  { queue: 'length-drops', arguments: { 'x-max-length': 1_000 } },
  { queue: 'ttl-drops', arguments: { 'x-message-ttl': 3_600_000 } },
  { queue: 'transient-queue', durable: false },
  { queue: 'transient-messages', arguments: CLASSIC, backlog: 5, persistent: false, consumers: [{ name: 'worker-idle', prefetch: 5 }] },
  { queue: 'no-heartbeat', consumers: [{ name: 'worker-mute', prefetch: 1, heartbeat: 0, settleEveryMs: 50 }] },
]

export class PlantedFaults implements AsyncDisposable {
  readonly #url: string
  readonly #connections: ChannelModel[] = []
  readonly #timers: NodeJS.Timeout[] = []
  readonly #deleter: Channel

  private constructor(url: string, connection: ChannelModel, deleter: Channel) {
    this.#url = url
    this.#connections.push(connection)
    this.#deleter = deleter
  }

  /** @param url of a user who may do everything */
  static async plant(url: string): Promise<PlantedFaults> {
    const connection = await connect(url)
    const planted = new PlantedFaults(url, connection, await connection.createChannel())
    for (const fault of FAULTS) await planted.#plant(fault)
    await planted.#publishAndConsume()
    await planted.#publishUnroutable()
    return planted
  }

  async #plant(fault: Fault): Promise<void> {
    const { queue, durable = true, backlog = 0, persistent = true, consumers = [], perSecond = 0 } = fault
    // A broker that refuses a queue closes the connection.
    const publisher = await this.#channel(`publisher of ${queue}`)
    await publisher.assertQueue(queue, { durable, ...(fault.arguments === undefined ? {} : { arguments: fault.arguments }) })
    const publish = () => publisher.sendToQueue(queue, Buffer.from('planted'), { persistent })
    for (let i = 0; i < backlog; i += 1) publish()
    for (const consumer of consumers) await this.#consume(queue, consumer)
    if (perSecond > 0) this.#every(1_000 / perSecond, publish)
  }

  async #consume(queue: string, { name, prefetch, shared = false, settleEveryMs, requeues, automatic = false, heartbeat }: Consumer) {
    const channel = await this.#channel(name, heartbeat)
    if (prefetch !== undefined) await channel.prefetch(prefetch, shared)
    const held: Parameters<Channel['ack']>[0][] = []
    await channel.consume(queue, message => void (message !== null && !automatic && held.push(message)), { noAck: automatic })
    if (settleEveryMs === undefined) return
    this.#every(settleEveryMs, () => {
      const message = held.shift()
      if (message === undefined) return
      if (requeues === true) channel.nack(message, false, true)
      else channel.ack(message)
    })
  }

  async #publishAndConsume(): Promise<void> {
    const channel = await this.#channel('publishes-and-consumes')
    await channel.assertQueue('one-connection', { durable: true })
    await channel.prefetch(1)
    await channel.consume('one-connection', message => void (message !== null && channel.ack(message)))
    this.#every(200, () => channel.sendToQueue('one-connection', Buffer.from('planted'), { persistent: true }))
  }

  async #publishUnroutable(): Promise<void> {
    const channel = await this.#channel('publishes-unroutable')
    this.#every(200, () => channel.publish('amq.direct', 'planted.nowhere', Buffer.from('planted')))
  }

  async #channel(name: string, heartbeat = 10): Promise<Channel> {
    const url = new URL(this.#url)
    url.searchParams.set('heartbeat', String(heartbeat))
    const connection = await connect(url.href, { clientProperties: { connection_name: name } })
    connection.on('error', () => undefined) // The failed call reports it.
    this.#connections.push(connection)
    return connection.createChannel()
  }

  #every(ms: number, act: () => void): void {
    this.#timers.push(setInterval(act, ms))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer)
    for (const queue of [...FAULTS.map(fault => fault.queue), 'one-connection']) await this.#deleter.deleteQueue(queue)
    await Promise.all(this.#connections.map(connection => connection.close().catch(() => undefined)))
  }
}
