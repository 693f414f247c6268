import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { inspected } from './findings.ts'
import { masked } from './mask.ts'
import type { FindingCode } from './rules/rule.ts'
import type { Snapshot } from './snapshot.ts'
import { loadSnapshot } from './stored.ts'

/** Against brokers as they answered, with the faults of `planted-faults.ts` on them. */
const recorded = (name: string) => loadSnapshot(join(import.meta.dirname, 'recorded', `${name}.json`))

/** Code and the queue or connection that it must name. */
const PLANTED: [FindingCode, string][] = [
  ['unlimited-prefetch', 'pernosco'],
  ['hoarding', 'worker-slow'],
  ['hidden-wait', 'worker-late'],
  ['stuck-consumer', 'worker-stuck'],
  ['requeue-loop', 'requeue-loop'],
  ['growing', 'growing'],
  ['no-consumers', 'no-consumers'],
  ['unroutable', 'publishes-unroutable'],
  ['scaler-blind', 'held-too-long'],
  ['one-connection', 'publishes-and-consumes'],
  ['no-heartbeat', 'worker-mute'],
  ['automatic-ack', 'worker-automatic'],
  ['no-delivery-limit', 'no-delivery-limit'],
  ['no-dead-letter', 'no-dead-letter'],
  ['dead-letter-nowhere', 'planted.missing'],
  ['length-drops', 'length-drops'],
  ['ttl-drops', 'ttl-drops'],
  ['transient-queue', 'transient-queue'],
  ['transient-messages', 'transient-messages'],
]
const OF_ONE_GENERATION: Record<string, [FindingCode, string][]> = {
  // 4.0 to 4.2 do not tell a shared prefetch; 4.3 has none, and no timeout on classic queues.
  '3.10': [
    ['held-too-long', 'worker-late'],
    ['global-prefetch', 'worker-shared'],
    ['mirrored', 'stuck-consumer'],
  ],
  '4.0': [
    ['held-too-long', 'worker-late'],
    ['deprecated-feature', 'transient_nonexcl_queues'],
  ],
  '4.3': [['deprecated-feature', 'transient_nonexcl_queues']],
}

const found = (snapshot: Snapshot) => inspected(snapshot).findings.map(({ code, where }) => [code, ...Object.values(where)])

describe.each(['3.10', '4.0', '4.3'])('RabbitMQ %s', generation => {
  test('every planted fault is named where it is', async () => {
    const all = found(await recorded(`planted-${generation}`))
    for (const [code, name] of [...PLANTED, ...(OF_ONE_GENERATION[generation] ?? [])])
      expect(all).toContainEqual(expect.arrayContaining([code, name]))
  })

  test('nothing else is found: each finding is of the queue that was planted for it, or of its worker', async () => {
    const expected = [...PLANTED, ...(OF_ONE_GENERATION[generation] ?? [])].map(([code]) => code)
    const codes = new Set(found(await recorded(`planted-${generation}`)).map(([code]) => code))
    // Recorded from containers, so `guest` came from outside.
    expect([...codes].filter(code => !expected.includes(code as FindingCode))).toEqual(['guest-outside'])
  })

  test('masked, the findings are the same and no name is left', async () => {
    const snapshot = await recorded(`planted-${generation}`)
    const hidden = masked(snapshot)
    expect(inspected(hidden).findings.map(({ code, evidence }) => [code, evidence['held']])).toEqual(
      inspected(snapshot).findings.map(({ code, evidence }) => [code, evidence['held']]),
    )
    for (const name of ['worker-', 'pernosco', 'hoarding', '172.17.', 'planted.']) expect(JSON.stringify(hidden)).not.toContain(name)
  })
})

test('who holds most without limit comes first, with the wait behind it', async () => {
  const [first] = inspected(await recorded('planted-3.10')).findings
  expect(first).toMatchObject({ code: 'unlimited-prefetch', level: 'now', where: { consumer: 'pernosco' } })
  const { held, acksPerSecond, hiddenWaitMs } = first!.evidence as Record<string, number>
  // It acked one message every eight seconds.
  expect(acksPerSecond).toBeCloseTo(1 / 8, 2)
  expect(hiddenWaitMs).toBeCloseTo((1_000 * (held! - 1)) / acksPerSecond!, 0)
})

test('an alarm, and whom it blocks', async () => {
  const { findings } = inspected(await recorded('alarm-masked'))
  const now = findings.filter(({ level }) => level === 'now').map(({ code }) => code)
  expect(now).toEqual(expect.arrayContaining(['memory-alarm', 'blocked-connection', 'one-connection']))
})

const QUORUM = {
  type: 'quorum',
  policySeen: true,
  durable: true,
  exclusive: false,
  autoDelete: false,
  perSecond: {},
  vhost: '/',
  name: 'work',
}
const NODE = { running: true, memoryAlarm: false, diskAlarm: false, partitions: 0 }

/** A broker of three sound nodes with this queue. */
async function withQueue(version: string, queue: Partial<Snapshot['queues'][number]>): Promise<Snapshot> {
  const whole = await recorded('planted-4.3')
  const nothing = {
    channels: [],
    consumers: [],
    connections: [],
    deprecated: [],
    bindings: [{ vhost: '/', source: 'dead', destination: 'd', routingKey: '' }],
  }
  const nodes = ['a', 'b', 'c'].map(name => ({ ...NODE, name }))
  const exchanges = [{ vhost: '/', name: 'dead', type: 'fanout' }]
  return { ...whole, ...nothing, version, nodes, exchanges, queues: [{ ...QUORUM, arguments: {}, ...queue, policySeen: true }] }
}

test.each<[string, Partial<Snapshot['queues'][number]>, string[]]>([
  ['3.13.7', { arguments: { 'x-delivery-limit': 5, 'x-dead-letter-exchange': 'dead' }, replicas: 3 }, []],
  ['3.13.7', { replicas: 3 }, ['no-delivery-limit']],
  // The limit that comes with an upgrade drops what used to come back.
  ['4.0.9', { replicas: 3, deliveryLimit: 20 }, ['no-dead-letter']],
  ['4.3.6', { replicas: 1, deliveryLimit: 20, arguments: { 'x-dead-letter-exchange': 'dead' } }, ['single-replica']],
  ['4.3.6', { type: 'classic', arguments: { 'x-max-length': 9, 'x-overflow': 'reject-publish' } }, []],
  ['4.3.6', { type: 'classic', arguments: { 'x-message-ttl': 9, 'x-dead-letter-exchange': 'dead' }, ready: 5, consumers: 0 }, []],
  ['4.3.6', { type: 'classic', arguments: { 'x-expires': 9, 'x-max-length': 9 }, ready: 5, consumers: 0 }, []],
  ['4.3.6', { type: 'stream', ready: 5, consumers: 0, arguments: { 'x-max-length-bytes': 9 } }, []],
])('on %s, %j: %j', async (version, queue, codes) => {
  expect(inspected(await withQueue(version, queue)).findings.map(({ code }) => code)).toEqual(codes)
})

test('a quorum queue of dead letters that nobody consumes needs neither limit nor target', async () => {
  const whole = await withQueue('3.13.7', { arguments: { 'x-delivery-limit': 5, 'x-dead-letter-exchange': 'dead' }, replicas: 3 })
  const dead = { ...whole.queues[0]!, name: 'd', arguments: {}, consumers: 0 }
  const codes = (version: string) => inspected({ ...whole, version, queues: [...whole.queues, dead] }).findings.map(({ code }) => code)
  expect(codes('3.13.7')).toEqual([])
  expect(codes('4.0.9')).toEqual([])
})
