import type { Channel, ChannelModel } from 'amqplib'

/** On a broker that others use too, our exchanges and queues share a prefix: `?prefix=` of an
 *  `AMQP_URL`. Programs go on using the names of `topology.ts`. */

const PREFIX = 'prefix'

export const prefixOf = (url: string) => new URL(url).searchParams.get(PREFIX) ?? ''

export function withPrefix(url: string, prefix: string): string {
  return `${url}?${PREFIX}=${encodeURIComponent(prefix)}`
}

/** Which arguments of a channel's method are names. */
const NAMES: Readonly<Record<string, readonly number[]>> = {
  assertQueue: [0],
  checkQueue: [0],
  deleteQueue: [0],
  purgeQueue: [0],
  bindQueue: [0, 1],
  unbindQueue: [0, 1],
  assertExchange: [0],
  checkExchange: [0],
  deleteExchange: [0],
  bindExchange: [0, 1],
  unbindExchange: [0, 1],
  publish: [0],
  sendToQueue: [0],
  consume: [0],
  get: [0],
}
/** Of a queue's or exchange's arguments. A dead letter to the nameless exchange goes by a queue. */
const NAMED_ARGUMENTS = ['x-dead-letter-exchange', 'alternate-exchange']
const NAMED_OPTIONS = ['deadLetterExchange', 'alternateExchange']

/** The same connection, whose channels put the prefix before each name. Without one: itself. */
export function prefixed(model: ChannelModel, prefix: string): ChannelModel {
  if (prefix === '') return model
  return new Proxy(model, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key)
      if (typeof value !== 'function') return value
      if (key !== 'createChannel' && key !== 'createConfirmChannel') return value.bind(target) as unknown
      return async (...args: unknown[]) => prefixedChannel((await value.apply(target, args)) as Channel, prefix)
    },
  })
}

function prefixedChannel(channel: Channel, prefix: string): Channel {
  const named = (name: string) => (name === '' || name.startsWith('amq.') || name.startsWith(prefix) ? name : prefix + name)
  return new Proxy(channel, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key)
      if (typeof value !== 'function') return value
      const names = NAMES[String(key)]
      if (names === undefined) return value.bind(target) as unknown
      return (...given: unknown[]) => {
        const args = given.map((arg, i) => (names.includes(i) ? named(String(arg)) : arg))
        // The nameless exchange takes the key as a queue's name.
        if (key === 'publish' && args[0] === '') args[1] = named(String(args[1]))
        if (key === 'assertQueue' && args[1] !== undefined) args[1] = namedOptions(args[1] as Options, named)
        if (key === 'assertExchange' && args[2] !== undefined) args[2] = namedOptions(args[2] as Options, named)
        return value.apply(target, args) as unknown
      }
    },
  })
}

type Options = Record<string, unknown>

function namedOptions(options: Options, named: (name: string) => string): Options {
  const declared = (options['arguments'] ?? {}) as Options
  const isByQueue = declared['x-dead-letter-exchange'] === ''
  const inArguments = isByQueue ? [...NAMED_ARGUMENTS, 'x-dead-letter-routing-key'] : NAMED_ARGUMENTS
  return { ...mapped(options, NAMED_OPTIONS, named), arguments: mapped(declared, inArguments, named) }
}

function mapped(all: Options, keys: readonly string[], named: (name: string) => string): Options {
  return Object.fromEntries(Object.entries(all).map(([key, value]) => [key, keys.includes(key) ? named(String(value)) : value]))
}
