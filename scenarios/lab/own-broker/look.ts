import { connect } from 'amqplib'
import { z } from 'zod'
import { LabError } from '../errors.ts'
import { amqpAddress, type BrokerAccess, readAuthorities, userOf } from './address.ts'
import { parsedJson, UNTRUSTED } from './management-api.ts'
import { askManagement } from './virtual-hosts.ts'

/** A look at a broker of the user's, before anything is written there. */

export interface BrokerSeen {
  /** Its own words: `RabbitMQ`, `LavinMQ`; empty where it gives none. */
  product: string
  version: string
  /** Names of those that are on; null: not seen. */
  featureFlags: string[] | null
  /** Queues in all virtual hosts; null: not seen. */
  queues: number | null
}

const CONNECT_WITHIN_MS = 10_000

const Properties = z.object({ product: z.string().catch(''), version: z.string().catch('') })
const Whoami = z.object({ tags: z.union([z.array(z.string()), z.string().transform(text => text.split(','))]) })
const Overview = z.object({ object_totals: z.object({ queues: z.number() }).optional().catch(undefined) })
const Flags = z.array(z.object({ name: z.string(), state: z.string() }))

/** Throws NO_BROKER, BROKER_DENIED. */
export async function lookAtBroker(broker: BrokerAccess, signal: AbortSignal): Promise<BrokerSeen> {
  const properties = await propertiesOf(broker)
  signal.throwIfAborted()
  await expectMaker(broker, signal)
  const read = async <T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> => {
    const { status, text } = await askManagement(broker, 'GET', path, { signal })
    return status === 200 ? schema.safeParse(parsedJson(text)).data : undefined
  }
  const overview = await read('overview', Overview)
  const flags = await read('feature-flags', Flags)
  return {
    ...properties,
    featureFlags: flags?.filter(({ state }) => state === 'enabled').map(({ name }) => name) ?? null,
    queues: overview?.object_totals?.queues ?? null,
  }
}

/** As it introduces itself to clients. */
async function propertiesOf(broker: BrokerAccess): Promise<z.infer<typeof Properties>> {
  const ca = broker.ca === undefined ? {} : { ca: readAuthorities(broker.ca) }
  try {
    const connection = await connect(amqpAddress(broker, broker.virtualHost), { timeout: CONNECT_WITHIN_MS, ...ca })
    connection.on('error', () => undefined) // It is closed next.
    const { product, version } = Properties.parse(connection.connection.serverProperties)
    await connection.close().catch(() => undefined)
    return { product, version }
  } catch (error) {
    throw noBroker(broker, error)
  }
}

/** Virtual hosts are made by administrators alone. */
async function expectMaker(broker: BrokerAccess, signal: AbortSignal): Promise<void> {
  const { status, text } = await askManagement(broker, 'GET', 'whoami', { signal })
  const tags = status === 200 ? Whoami.safeParse(parsedJson(text)).data?.tags : undefined
  if (tags?.includes('administrator') === true) return
  const user = userOf(broker)
  const got = tags === undefined ? `the answer ${status}` : tags.join(', ') || 'no tag'
  throw new LabError(
    'BROKER_DENIED',
    `${broker.management}: expected ${user} with the tag administrator, since each arm gets a virtual host of its own; got ${got}\nSet it: rabbitmqctl set_user_tags ${user} administrator`,
  )
}

function noBroker(broker: BrokerAccess, error: unknown): LabError {
  const { code = '', message } = error as { code?: string | number; message: string }
  const is = (words: RegExp) => words.test(`${code} ${message}`)
  const [got, next] = is(UNTRUSTED)
    ? [message, 'Trust its authority: --ca FILE (PEM). Its certificate must name the host']
    : is(/WRONG_VERSION_NUMBER|packet length/)
      ? ['no TLS on that port', `Type: --broker ${broker.url.replace(/^amqps/, 'amqp')}, or the port of its TLS listener`]
      : is(/closed abruptly/)
        ? [message, 'It may speak TLS on that port: --broker amqps://…']
        : is(/ECONNREFUSED/)
          ? ['nothing listens there', 'See whether it runs, and on which port: rabbitmq-diagnostics listeners']
          : is(/NOT.ALLOWED|530/)
            ? [message, 'Give a virtual host that exists and that the user may enter: amqp://USER@HOST/VHOST']
            : [message || String(code), 'See its address and port: rabbitmq-diagnostics listeners']
  if (is(/ACCESS.REFUSED|403/))
    return new LabError(
      'BROKER_DENIED',
      `${broker.url}: expected to be let in, got ${message}\nCheck user and password: rabbitmqctl authenticate_user ${userOf(broker)}`,
      { cause: error },
    )
  return new LabError('NO_BROKER', `${broker.url}: expected a broker, got ${got}\n${next}`, { cause: error })
}
