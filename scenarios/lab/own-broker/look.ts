import { connect } from 'amqplib'
import { z } from 'zod'
import { LabError } from '../errors.ts'
import { amqpAddress, type BrokerAccess, readAuthorities, userOf } from './address.ts'
import { parsedJson, UNTRUSTED } from './management-api.ts'
import { askManagement, isOurs } from './spaces.ts'

/** A look at a broker of the user's, before anything is written there. */

export interface BrokerSeen {
  /** Its own words: `RabbitMQ`, `LavinMQ`; empty where it gives none. */
  product: string
  version: string
  /** Names of those that are on; null: not seen. */
  featureFlags: string[] | null
  /** Queues of others, in all virtual hosts or in the one that is written to; null: not seen. */
  queues: number | null
  spaces: 'virtual-hosts' | 'prefixes'
}

const TAGS = ['management', 'monitoring', 'policymaker']
const CONNECT_WITHIN_MS = 10_000

const Properties = z.object({ product: z.string().catch(''), version: z.string().catch('') })
const Whoami = z.object({ tags: z.union([z.array(z.string()), z.string().transform(text => text.split(','))]) })
const Overview = z.object({
  product_name: z.string().optional().catch(undefined),
  product_version: z.string().optional().catch(undefined),
})
const Queues = z.array(z.object({ vhost: z.string(), name: z.string() }))
const Flags = z.array(z.object({ name: z.string(), state: z.string() }))

/** Throws NO_BROKER, BROKER_DENIED. */
export async function lookAtBroker(broker: BrokerAccess, signal: AbortSignal): Promise<BrokerSeen> {
  const properties = await propertiesOf(broker).catch((error: unknown) => error as LabError)
  // Who makes virtual hosts need not enter the one of the address, which may not exist.
  if (properties instanceof LabError && properties.code !== 'NO_VIRTUAL_HOST') throw properties
  signal.throwIfAborted()
  const spaces = await spacesOf(broker, signal)
  const read = async <T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> => {
    const { status, text } = await askManagement(broker, 'GET', path, { signal })
    return status === 200 ? schema.safeParse(parsedJson(text)).data : undefined
  }
  if (properties instanceof LabError && spaces === 'prefixes') throw properties
  const overview = await read('overview', Overview)
  const queues = await read(`queues${spaces === 'prefixes' ? `/${encodeURIComponent(broker.virtualHost)}` : ''}?columns=vhost,name`, Queues)
  const flags = await read('feature-flags', Flags)
  return {
    ...(properties instanceof LabError ? { product: overview?.product_name ?? '', version: overview?.product_version ?? '' } : properties),
    featureFlags: flags?.filter(({ state }) => state === 'enabled').map(({ name }) => name) ?? null,
    queues: queues?.filter(({ vhost, name }) => ![vhost, name].some(isOurs)).length ?? null,
    spaces,
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

/** Virtual hosts are made by administrators alone; names are listed by all who have a tag. */
async function spacesOf(broker: BrokerAccess, signal: AbortSignal): Promise<BrokerSeen['spaces']> {
  const { status, text } = await askManagement(broker, 'GET', 'whoami', { signal })
  const tags = status === 200 ? Whoami.safeParse(parsedJson(text)).data?.tags : undefined
  if (tags?.includes('administrator') === true) return 'virtual-hosts'
  if (tags?.some(tag => TAGS.includes(tag)) === true) return 'prefixes'
  const user = userOf(broker)
  const got = tags === undefined ? `the answer ${status}` : tags.join(', ') || 'no tag'
  throw new LabError(
    'BROKER_DENIED',
    `${broker.management}: expected ${user} with a tag, to list and remove what the lab makes; got ${got}\nSet it: rabbitmqctl set_user_tags ${user} management`,
  )
}

function noBroker(broker: BrokerAccess, error: unknown): LabError {
  const { code = '', message } = error as { code?: string | number; message: string }
  const is = (words: RegExp) => words.test(`${code} ${message}`)
  const [got, next] = is(UNTRUSTED)
    ? [message, 'Trust its authority: --ca FILE (PEM). Its certificate must name the host']
    : is(/WRONG_VERSION_NUMBER|packet length/)
      ? ['no TLS on that port', `Type: --broker ${broker.url.replace(/^amqps/, 'amqp')}, or the port of its TLS listener`]
      : is(/closed abruptly|ECONNRESET/)
        ? [message, 'It may speak TLS on that port: --broker amqps://…']
        : is(/ECONNREFUSED/)
          ? ['nothing listens there', 'See whether it runs, and on which port: rabbitmq-diagnostics listeners']
          : [message || String(code), 'See its address and port: rabbitmq-diagnostics listeners']
  if (is(/ACCESS.REFUSED|403/))
    return new LabError(
      'BROKER_DENIED',
      `${broker.url}: expected to be let in, got ${message}\nCheck user and password: rabbitmqctl authenticate_user ${userOf(broker)}`,
      { cause: error },
    )
  // amqplib hides the 530 behind its surprise.
  if (is(/Expected ConnectionOpenOk/))
    return new LabError(
      'NO_VIRTUAL_HOST',
      `${broker.url}: expected ${userOf(broker)} to enter the virtual host ${broker.virtualHost}, got a refusal\nGive one that exists and that the user may enter: --broker ${broker.url}/VHOST`,
      { cause: error },
    )
  return new LabError('NO_BROKER', `${broker.url}: expected a broker, got ${got}\n${next}`, { cause: error })
}
