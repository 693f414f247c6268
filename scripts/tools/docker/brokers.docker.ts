import { once } from 'node:events'
import type { StartedRabbitMQContainer } from '@testcontainers/rabbitmq'
import { type Channel, type ChannelModel, connect } from 'amqplib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TASK_EXCHANGE } from '#contracts/topology'
import { BROKER_GENERATIONS, until } from '#lab'
import { FaultLink } from '../../../scenarios/lab/link/fault-link.ts'
import { connectBroker } from '../../../services/kit/broker/broker.ts'
import { declareExchanges } from '../../../services/kit/broker/exchanges.ts'
import type { Broker, Delivery } from '../../../services/kit/broker/types.ts'
import { LOG, rabbitmq, throughLink } from './bench.ts'

/** Our broker layer, and facts that we build on, against each generation of RabbitMQ. */

const WITHIN = { withinMs: 60_000 }
const CONFIRM = { confirmTimeoutMs: 5_000 }

describe.each(BROKER_GENERATIONS)('RabbitMQ %s', generation => {
  let container: StartedRabbitMQContainer
  let link: FaultLink
  let plain: ChannelModel
  beforeAll(async () => {
    container = await rabbitmq(generation)
    link = await FaultLink.open({ host: container.getHost(), port: container.getMappedPort(5672) })
    plain = await connect(container.getAmqpUrl())
  })
  afterAll(async () => {
    await plain?.close()
    await link?.[Symbol.asyncDispose]()
    await container?.stop()
  })

  /** Our layer, over the link that can be made bad. */
  function layer(name: string): Broker {
    const url = throughLink(container, link)
    return connectBroker({ url, name, log: LOG, declare: channel => declareExchanges(channel, 'im') })
  }
  const connected = (broker: Broker) =>
    until('both connections stand', () => broker.state, {
      is: seen => seen.publishing === 'connected' && seen.consuming === 'connected',
      ...WITHIN,
    })
  const publication = (routingKey: string, body = 'x') => ({
    exchange: TASK_EXCHANGE,
    routingKey,
    body: Buffer.from(body),
    persistent: true,
    mandatory: true,
  })
  async function channel(): Promise<Channel> {
    const opened = await plain.createChannel()
    opened.on('error', () => undefined) // Told by the call that failed.
    return opened
  }
  /** Consumes what is published with the routing key, and writes it down. */
  async function consuming(
    broker: Broker,
    name: string,
    type: 'quorum' | 'classic',
    more: Record<string, string | number> = {},
    prefetch = 1,
  ) {
    const got: Delivery[] = []
    await broker.consume({
      queue: { name, options: { durable: true, exclusive: false, autoDelete: false, arguments: { 'x-queue-type': type, ...more } } },
      bindings: [{ exchange: TASK_EXCHANGE, type: 'direct', routingKey: name }],
      prefetch,
      noAck: false,
      onDelivery: delivery => got.push(delivery),
    })
    await until('it consumes', () => broker.counts(name), { is: seen => seen?.consumers === 1, ...WITHIN })
    return got
  }

  test('it is the generation that its image names', () => {
    expect(plain.connection.serverProperties.version).toMatch(new RegExp(`^${generation.replace('.', '\\.')}\\.`))
  })

  test.each(['quorum', 'classic'] as const)('a %s queue: confirmed, delivered, settled; unroutable is reported', async type => {
    await using broker = layer('test')
    await connected(broker)
    const got = await consuming(broker, `plain-${type}`, type)
    expect(await broker.publish(publication(`plain-${type}`), CONFIRM)).toBe('confirmed')
    await until('it comes', () => got.length, { equals: 1, ...WITHIN })
    expect(got[0]?.ack()).toBe(true)
    expect(await broker.publish(publication('nobody'), CONFIRM)).toBe('unroutable')
    await until('nothing is left', () => broker.counts(`plain-${type}`), { is: seen => seen?.ready === 0, ...WITHIN })
  })

  test('a full queue nacks', async () => {
    await using broker = layer('test')
    await connected(broker)
    const got = await consuming(broker, 'full', 'quorum', { 'x-max-length': 1, 'x-overflow': 'reject-publish' })
    const outcomes = new Set<string>()
    await until(
      'a publish is rejected',
      async () => {
        outcomes.add(await broker.publish(publication('full'), CONFIRM))
        return [...outcomes]
      },
      { is: seen => seen.includes('rejected'), ...WITHIN },
    )
    expect([...outcomes].sort()).toEqual(['confirmed', 'rejected'])
    got[0]?.ack()
  })

  test('connections that are reset come back, with their consumers; what was not settled is delivered again', async () => {
    await using broker = layer('test')
    await connected(broker)
    const got = await consuming(broker, 'reset', 'quorum')
    await broker.publish(publication('reset', 'first'), CONFIRM)
    await until('it comes', () => got.length, { equals: 1, ...WITHIN })
    link.resetPeers()
    await until('it comes again', () => got.length, { atLeast: 2, ...WITHIN })
    expect(got[0]?.ack()).toBe(false) // Its channel is gone.
    expect(got[1]?.redelivered).toBe(true)
    expect(got[1]?.ack()).toBe(true)
    await connected(broker)
    expect(await broker.publish(publication('reset', 'second'), CONFIRM)).toBe('confirmed')
    await until('the second comes', () => got.at(-1)?.body.toString(), { equals: 'second', ...WITHIN })
    got.at(-1)?.ack()
  })

  test('a link that is slow is only slow', async () => {
    await using broker = layer('test')
    await connected(broker)
    const got = await consuming(broker, 'slow', 'quorum')
    await link.set({ latencyMs: 200, jitterMs: 100, bandwidthBytesPerSecond: 65_536 })
    try {
      const startedMs = performance.now()
      expect(await broker.publish(publication('slow', 'y'.repeat(20_000)), CONFIRM)).toBe('confirmed')
      await until('it comes', () => got.length, { equals: 1, ...WITHIN })
      expect(performance.now() - startedMs).toBeGreaterThan(500)
      expect(got[0]?.ack()).toBe(true)
    } finally {
      await link.set({})
    }
  })

  test('behind a black hole a publish ends as unknown, and is known again when it heals', async () => {
    await using broker = layer('test')
    await connected(broker)
    const got = await consuming(broker, 'hole', 'quorum')
    await link.set({ timeout: true })
    expect(await broker.publish(publication('hole'), { confirmTimeoutMs: 300 })).toBe('unknown')
    await link.set({})
    await until('it had arrived after all', () => got.length, { equals: 1, ...WITHIN })
    expect(await broker.publish(publication('nobody'), CONFIRM)).toBe('unroutable')
  })

  test('global QoS: a classic queue, two consumers of one channel, a prefetch of 3 for both together', async () => {
    // 4.3 makes it a limit per consumer, silently, unless the feature is permitted.
    expect(await takenUnderGlobalQos(plain)).toBe(generation === '4.3' ? 6 : 3)
    if (generation !== '4.3') return
    expect(await phases(container)).toMatchObject({ global_qos: 'denied_by_default' })
    await using permitting = await strictOrNot('deprecated_features.permit.global_qos = true')
    expect(await takenUnderGlobalQos(permitting.connection)).toBe(3)
  })

  test('a transient queue that is not exclusive is accepted, unless the broker is configured otherwise', async () => {
    const own = await channel()
    await expect(own.assertQueue('passing', TRANSIENT)).resolves.toMatchObject({ queue: 'passing' })
    await own.close()
    if (generation === '3.10') return // It knows no deprecated features.
    // 4.3.0 refused it by default, 4.3.6 does not: the broker's own list tells which it is.
    expect(await phases(container)).toMatchObject({ transient_nonexcl_queues: 'permitted_by_default' })
    await using strict = await strictOrNot('deprecated_features.permit.transient_nonexcl_queues = false')
    const refusal = once(strict.connection, 'error') as Promise<[Error]>
    const refused = await strict.connection.createChannel()
    refused.on('error', () => undefined)
    await expect(refused.assertQueue('passing', TRANSIENT)).rejects.toThrow()
    expect((await refusal)[0].message).toMatch(/541.*transient_nonexcl_queues/s)
  })

  /** Another broker of the same generation, with one line of configuration more. */
  async function strictOrNot(line: string): Promise<AsyncDisposable & { connection: ChannelModel }> {
    const other = await rabbitmq(generation, line)
    const connection = await connect(other.getAmqpUrl())
    connection.on('error', () => undefined)
    return {
      connection,
      async [Symbol.asyncDispose]() {
        await connection.close().catch(() => undefined)
        await other.stop()
      },
    }
  }
})

const TRANSIENT = { durable: false, exclusive: false }

/** Messages that two consumers of one channel are handed under `basic.qos` 3, global. */
async function takenUnderGlobalQos(connection: ChannelModel): Promise<number> {
  const own = await connection.createChannel()
  await own.assertQueue('qos', { durable: true, arguments: { 'x-queue-type': 'classic' } })
  await own.purgeQueue('qos')
  for (let i = 0; i < 20; i += 1) own.sendToQueue('qos', Buffer.from('x'))
  await until('all wait', async () => (await own.checkQueue('qos')).messageCount, { equals: 20, ...WITHIN })
  await own.prefetch(3, true)
  for (let i = 0; i < 2; i += 1) await own.consume('qos', () => undefined)
  let last = -1
  const settled = async () => {
    const { messageCount } = await own.checkQueue('qos')
    const same = messageCount === last
    last = messageCount
    return same
  }
  await until('nothing more is handed out', settled, { equals: true, ...WITHIN, everyMs: 200 })
  await own.close()
  return 20 - last
}

/** The broker's own list of deprecated features: name -> phase. */
async function phases(container: StartedRabbitMQContainer): Promise<Record<string, string>> {
  const { output } = await container.exec(['bash', '-c', 'rabbitmqctl -q list_deprecated_features name deprecation_phase --formatter json'])
  const rows = JSON.parse(output) as { name: string; deprecation_phase: string }[]
  return Object.fromEntries(rows.map(row => [row.name, row.deprecation_phase]))
}
