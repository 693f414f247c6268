import { readFile } from 'node:fs/promises'
import { type Channel, type ChannelModel, type ConfirmChannel, connect } from 'amqplib'
import pg from 'pg'
import { brokerUrls } from '#contracts/broker-urls'
import { databaseOptions } from '#contracts/database'
import { prefixed, prefixOf } from '#contracts/name-prefix'
import type { BrokerRole } from '#contracts/topology'
import type { Runtime } from './runtime/types.ts'
import { orAborted } from './until.ts'

/** A broker or database that is frozen never says goodbye. Milliseconds. */
const CLOSE_WITHIN_MS = 2_000

/** The broker's reply code of NOT_FOUND. */
const NO_SUCH_QUEUE = 404

export interface QueueCount {
  /** Waiting in the queue, exact at once. */
  ready: number
  consumers: number
}

export interface SqlSession extends AsyncDisposable {
  query(text: string, values?: unknown[]): Promise<unknown>
}

/** The failed call reports the error. */
function quiet<C extends Channel>(channel: C): C {
  channel.on('error', () => undefined)
  return channel
}

/** The first node that answers. Where there are several, a frozen one is noticed by its silence. */
async function connectToAny(urls: readonly string[], trusted: { ca?: Buffer }): Promise<ChannelModel> {
  const isOne = urls.length === 1
  let last: unknown
  for (const url of urls) {
    try {
      return await connect(isOne ? url : `${url}?heartbeat=3`, { timeout: isOne ? 5_000 : 2_000, ...trusted })
    } catch (error) {
      last = error
    }
  }
  throw last
}

/** The broker's own words: product and version. Closes the channel. */
export async function introduced(channel: Channel): Promise<string> {
  const { product = '', version = '' } = channel.connection.serverProperties as Partial<Record<string, string>>
  await channel.close()
  return [product, version].filter(word => word !== '').join(' ') || 'a broker without a name'
}

/** The lab's own connections to broker and database, made when first needed. */
export class Sessions implements AsyncDisposable {
  readonly #runtime: Pick<Runtime, 'amqpUrl' | 'brokerCa' | 'databaseUrl'>
  readonly #closing = new AsyncDisposableStack()
  readonly #connections = new Map<BrokerRole, Promise<ChannelModel>>()
  readonly #pools = new Map<string, pg.Pool>()

  constructor(runtime: Pick<Runtime, 'amqpUrl' | 'brokerCa' | 'databaseUrl'>) {
    this.#runtime = runtime
  }

  async channel(role: BrokerRole): Promise<Channel> {
    return quiet(await (await this.#connection(role)).createChannel())
  }

  async confirmChannel(role: BrokerRole): Promise<ConfirmChannel> {
    return quiet(await (await this.#connection(role)).createConfirmChannel())
  }

  /** By passive declare. undefined when there is no such queue. */
  async count(queue: string): Promise<QueueCount | undefined> {
    const channel = await this.channel('lab')
    try {
      const { messageCount, consumerCount } = await channel.checkQueue(queue)
      await channel.close()
      return { ready: messageCount, consumers: consumerCount }
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === NO_SUCH_QUEUE) return undefined
      throw error
    }
  }

  #connection(role: BrokerRole): Promise<ChannelModel> {
    const connected = this.#connections.get(role) ?? this.#connect(role)
    this.#connections.set(role, connected)
    return connected
  }

  async #connect(role: BrokerRole): Promise<ChannelModel> {
    const forget = () => this.#connections.delete(role)
    try {
      const ca = this.#runtime.brokerCa
      const trusted = ca === undefined ? {} : { ca: await readFile(ca) }
      const urls = brokerUrls(this.#runtime.amqpUrl(role))
      // A broker of the user's has one address, and a prefix where names have one.
      const connection = prefixed(await connectToAny(urls, trusted), prefixOf(urls[0] ?? ''))
      connection.on('error', forget).on('close', forget)
      this.#closing.defer(() => connection.close().catch(() => undefined))
      return connection
    } catch (error) {
      forget()
      throw error
    }
  }

  async query<R extends Record<string, unknown>>(text: string, values: unknown[], role: 'im' | 'worker' | 'lab'): Promise<R[]> {
    let pool = this.#pools.get(role)
    if (pool === undefined) {
      const opened = new pg.Pool({ ...databaseOptions(this.#runtime.databaseUrl(role)), max: 2, connectionTimeoutMillis: 5_000 })
      opened.on('error', () => undefined) // Told by the next query.
      this.#closing.defer(() => opened.end())
      this.#pools.set(role, opened)
      pool = opened
    }
    return (await pool.query<R>(text, values)).rows
  }

  async session(role: 'im' | 'worker' | 'lab'): Promise<SqlSession> {
    const client = new pg.Client({ ...databaseOptions(this.#runtime.databaseUrl(role)), connectionTimeoutMillis: 5_000 })
    client.on('error', () => undefined) // Told by the next query.
    await client.connect()
    return { query: (text, values) => client.query(text, values), [Symbol.asyncDispose]: () => client.end() }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const late = AbortSignal.timeout(CLOSE_WITHIN_MS)
    await orAborted(this.#closing.disposeAsync(), late).catch((error: unknown) => {
      if (!late.aborted) throw error
    })
  }
}
