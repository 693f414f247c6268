import type { LinkWatch } from '../../lab/link/fault-link.ts'
import type { Recorder } from '../recorder.ts'
import { FRAME, type Frame, FrameReader, headerOf, type Method, methodOf, proposeHeartbeat } from './amqp-frames.ts'

/** What a worker does, as its frames show it on the way between it and the broker. */

interface Content {
  of: Extract<Method, { name: 'deliver' | 'publish' }>
  messageId: string
  bodyBytes: number
  body: Buffer[]
}

interface Channel {
  automatic: boolean
  confirms: boolean
  /** Deliveries by tag: the task, until it is settled. */
  held: Map<number, string>
  seen: Set<number>
  published: number
  /** Answers that the broker has not confirmed, by their number on this channel. */
  unconfirmed: Map<number, string>
  content: Partial<Record<Side, Content>>
}

type Side = 'near' | 'far'

interface Connection {
  readers: Record<Side, FrameReader>
  channels: Map<number, Channel>
  heartbeatMs: number
  heardAtMs: number
  longestMs: number
  closed?: { by: 'broker' | 'worker'; reason: string }
}

export interface WireOptions {
  recorder: Recorder
  /** Whether a message of this id is a task of the script. */
  isTask(id: string): boolean
  /** The task that a publish answers. */
  answers(exchange: string, key: string, body: Buffer): string | undefined
  /** Put into the broker's proposal. Seconds; undefined = its own. */
  heartbeatSeconds: number | undefined
}

export class Wire implements LinkWatch {
  readonly #options: WireOptions
  readonly #connections = new Map<number, Connection>()

  constructor(options: WireOptions) {
    this.#options = options
  }

  /** Tasks that the worker holds unsettled. */
  get held(): string[] {
    return [...this.#connections.values()].flatMap(({ channels }) =>
      [...channels.values()].flatMap(({ held }) => [...held.values()].filter(task => task !== '')),
    )
  }

  get connections(): number {
    return this.#connections.size
  }

  opened(connection: number): void {
    const readers = { near: new FrameReader('client'), far: new FrameReader('server') }
    this.#connections.set(connection, { readers, channels: new Map(), heartbeatMs: 0, heardAtMs: this.#nowMs(), longestMs: 0 })
    this.#record({ kind: 'connected', connection })
  }

  passed(connection: number, from: Side, chunk: Buffer): void {
    const own = this.#connections.get(connection)
    if (own === undefined) return
    if (from === 'near') this.#heard(own)
    for (const frame of own.readers[from].push(chunk)) this.#frame(connection, own, from, frame)
  }

  closed(connection: number): void {
    const own = this.#connections.get(connection)
    if (own === undefined) return
    this.#connections.delete(connection)
    this.#silence(connection, own)
    this.#record({ kind: 'disconnected', connection, ...own.closed })
  }

  /** Records how long the open connections were silent. */
  end(): void {
    for (const [connection, own] of this.#connections) this.#silence(connection, own)
  }

  #heard(own: Connection): void {
    const nowMs = this.#nowMs()
    if (own.heartbeatMs > 0) own.longestMs = Math.max(own.longestMs, nowMs - own.heardAtMs)
    own.heardAtMs = nowMs
  }

  #silence(connection: number, own: Connection): void {
    this.#heard(own)
    if (own.channels.size > 0) this.#record({ kind: 'silence', connection, heartbeatMs: own.heartbeatMs, longestMs: own.longestMs })
  }

  #frame(connection: number, own: Connection, from: Side, { type, channel: number, payload }: Frame): void {
    if (type === FRAME.heartbeat) return
    const channel = own.channels.get(number) ?? newChannel()
    if (number > 0) own.channels.set(number, channel)
    const place = { connection, channel: number }
    if (type === FRAME.method) {
      this.#method(own, channel, place, from, methodOf(payload), payload)
      return
    }
    const content = channel.content[from]
    if (content === undefined) return
    if (type === FRAME.header) Object.assign(content, headerOf(payload))
    else content.body.push(payload)
    const missing = content.bodyBytes - content.body.reduce((sum, part) => sum + part.length, 0)
    if (missing > 0) return
    delete channel.content[from]
    this.#whole(channel, place, content)
  }

  #method(own: Connection, channel: Channel, place: Place, from: Side, method: Method, payload: Buffer): void {
    const { heartbeatSeconds } = this.#options
    switch (method.name) {
      case 'tune':
        if (heartbeatSeconds !== undefined) proposeHeartbeat(payload, heartbeatSeconds)
        return
      case 'tune-ok':
        own.heartbeatMs = 1_000 * method.heartbeatSeconds
        return
      case 'consume':
      case 'get':
        channel.automatic ||= method.automatic
        if (method.name === 'consume') this.#record({ kind: 'consumes', ...place, automatic: method.automatic })
        return
      case 'close':
        this.#closing(own, place, from, method)
        return
      case 'confirm-select':
      case 'tx-select':
        channel.confirms = true
        return
      case 'commit-ok':
        for (const number of channel.unconfirmed.keys()) this.#confirmed(channel, place, number)
        return
      case 'deliver':
      case 'publish':
        channel.content[from] = { of: method, messageId: '', bodyBytes: Number.POSITIVE_INFINITY, body: [] }
        return
      case 'ack':
      case 'nack':
      case 'reject':
        if (from === 'near') this.#settle(channel, place, method)
        else if (method.name === 'ack') for (const number of upTo(channel.unconfirmed, method)) this.#confirmed(channel, place, number)
    }
  }

  #closing(own: Connection, place: Place, from: Side, { code, text }: { code: number; text: string }): void {
    const by = from === 'near' ? 'worker' : 'broker'
    const isError = code >= 300
    if (place.channel === 0) own.closed = { by, reason: `${code} ${text}` }
    else {
      own.channels.set(place.channel, newChannel())
      if (isError) this.#record({ kind: 'channel-closed', ...place, by, code, text })
    }
  }

  #whole(channel: Channel, place: Place, { of, messageId, body }: Content): void {
    if (of.name === 'publish') {
      channel.published += 1
      const task = this.#options.answers(of.exchange, of.key, Buffer.concat(body))
      if (task === undefined) return
      this.#record({ kind: 'answer-published', ...place, task })
      if (channel.confirms) channel.unconfirmed.set(channel.published, task)
      return
    }
    const { tag, redelivered } = of
    // Of another queue: its settling is known, and no task of ours.
    const task = this.#options.isTask(messageId) ? messageId : ''
    channel.seen.add(tag)
    if (!channel.automatic) channel.held.set(tag, task)
    if (task === '') return
    this.#record({ kind: 'delivered', ...place, tag, task, redelivered, held: this.held.length })
    if (channel.automatic) this.#record({ kind: 'settled', ...place, tag, task, verb: 'automatic', requeue: false, known: 'yes' })
  }

  #settle(channel: Channel, place: Place, method: Extract<Method, { name: 'ack' | 'nack' | 'reject' }>): void {
    const { name: verb, tag } = method
    const requeue = method.name !== 'ack' && method.requeue
    const tags = method.name === 'reject' || !method.multiple ? [tag] : upTo(channel.held, { tag, multiple: true })
    for (const each of tags) {
      const task = channel.held.get(each)
      const known = task !== undefined ? 'yes' : channel.seen.has(each) ? 'twice' : 'no'
      channel.held.delete(each)
      if (task !== '') this.#record({ kind: 'settled', ...place, tag: each, task: task ?? '', verb, requeue, known })
    }
  }

  #confirmed(channel: Channel, place: Place, number: number): void {
    const task = channel.unconfirmed.get(number)
    channel.unconfirmed.delete(number)
    if (task !== undefined) this.#record({ kind: 'answer-confirmed', ...place, task })
  }

  get #record(): Recorder['record'] {
    return event => this.#options.recorder.record(event)
  }

  #nowMs(): number {
    return this.#options.recorder.nowMs()
  }
}

interface Place {
  connection: number
  channel: number
}

/** Tags up to this one, or it alone. */
function upTo(map: ReadonlyMap<number, string>, { tag, multiple }: { tag: number; multiple: boolean }): number[] {
  return multiple ? [...map.keys()].filter(each => tag === 0 || each <= tag) : [tag]
}

function newChannel(): Channel {
  return { automatic: false, confirms: false, held: new Map(), seen: new Set(), published: 0, unconfirmed: new Map(), content: {} }
}
