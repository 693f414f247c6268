import { createInterface } from 'node:readline/promises'
import { InvalidArgumentError, Option } from 'commander'
import { type AskedBroker, BROKER_GENERATIONS, type BrokerGeneration, brokerAccess, isBrokerAddress, LabError, lookAtBroker } from '#lab'

/** `--broker`: a generation of RabbitMQ, or the address of a broker that already runs. */

export interface BrokerOptions {
  broker?: string
  management?: string
  ca?: string
  yes?: boolean
}

const isGeneration = (text: string): text is BrokerGeneration => BROKER_GENERATIONS.some(one => one === text)

export const brokerOptions = () => [
  new Option('--broker <VERSION or ADDRESS>', 'RabbitMQ generation, in containers; or your own broker: amqps://USER@HOST/')
    .choices(BROKER_GENERATIONS)
    .argParser((text: string) => {
      if (!isGeneration(text) && !isBrokerAddress(text))
        throw new InvalidArgumentError(`Expected ${BROKER_GENERATIONS.join(', ')} or amqp://USER@HOST/.`)
      return text
    }),
  new Option('--management <URL>', "your own broker's management API (default: port 15672, with TLS 15671)"),
  new Option('--ca <FILE>', "PEM of the authority that signed your own broker's certificate"),
  new Option('--yes', 'write to your own broker without a question, although others have queues there'),
]

/** What was typed. The password may stand in BROKER_PASSWORD. Throws BAD_BROKER_ADDRESS. */
export function askedBroker({ broker, management, ca }: BrokerOptions, env = process.env): AskedBroker {
  if (broker === undefined) return {}
  if (isGeneration(broker)) return { generation: broker }
  return { own: brokerAccess(broker, { management, ca }, env) }
}

/** As typed, but for a password: it stands in stored commands. */
export const shownBroker = (broker: string | undefined) => broker?.replace(/(:\/\/[^/@:]*):.*@/, '$1@')

/** Looks at one's own broker, and asks before anything is written beside what others have there.
 *  Throws NO_BROKER, BROKER_DENIED, BROKER_IN_USE. */
export async function readyBroker(asked: AskedBroker, { yes = false }: BrokerOptions, signal: AbortSignal): Promise<AskedBroker> {
  const { own } = asked
  if (own === undefined) return asked
  const seen = await lookAtBroker(own, signal)
  console.error(`Broker: ${own.url} (${seen.product} ${seen.version}), ${WHERE[seen.spaces]}.`)
  if (seen.queues !== 0 && !yes) await agreed(own.url, seen.queues)
  return { own: { ...own, spaces: seen.spaces }, seen }
}

const WHERE = { 'virtual-hosts': 'a virtual host for each arm', prefixes: 'a prefix of names for each arm' }

async function agreed(url: string, queues: number | null): Promise<void> {
  const has = queues === null ? 'may have queues of others' : `has ${queues} ${queues === 1 ? 'queue' : 'queues'} of others`
  const refused = new LabError(
    'BROKER_IN_USE',
    `${url} ${has}. The lab would write beside them, under names of its own, and remove those again.\nIf that is all right: --yes`,
  )
  if (process.stdin.isTTY !== true || process.stderr.isTTY !== true) throw refused
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const cancelled = Promise.withResolvers<never>()
  terminal.once('SIGINT', () => cancelled.reject(new LabError('INTERRUPTED', 'interrupted')))
  try {
    const question = `${url} ${has}. The lab writes beside them, under names of its own, and removes those again. Go on? [y/N] `
    if (!/^\s*y/i.test(await Promise.race([terminal.question(question), cancelled.promise]))) throw refused
  } finally {
    terminal.close()
  }
}
