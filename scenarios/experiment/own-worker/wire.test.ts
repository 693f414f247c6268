import { expect, test } from 'vitest'
import { Recorder } from '../recorder.ts'
import { FrameReader } from './amqp-frames.ts'
import { Wire } from './wire.ts'

/** Bytes as a client and RabbitMQ 3.10 exchange them. */

const u16 = (n: number) => Buffer.from([n >> 8, n & 255])
const u32 = (n: number) => Buffer.from([n >>> 24, (n >> 16) & 255, (n >> 8) & 255, n & 255])
const u64 = (n: number) => Buffer.concat([u32(0), u32(n)])
const text = (s: string) => Buffer.concat([Buffer.from([s.length]), Buffer.from(s)])
const frame = (type: number, channel: number, ...parts: Buffer[]) => {
  const payload = Buffer.concat(parts)
  return Buffer.concat([Buffer.from([type]), u16(channel), u32(payload.length), payload, Buffer.from([0xce])])
}
const method = (channel: number, of: number, id: number, ...parts: Buffer[]) => frame(1, channel, u16(of), u16(id), ...parts)
/** Header with content type, headers, delivery mode and message id, then the body in two frames. */
const content = (channel: number, id: string, body: string) => [
  frame(
    2,
    channel,
    u16(60),
    u16(0),
    u64(body.length),
    u16((1 << 15) | (1 << 13) | (1 << 12) | (1 << 7)),
    text('a/b'),
    u32(3),
    Buffer.from('xyz'),
    Buffer.from([2]),
    text(id),
  ),
  frame(3, channel, Buffer.from(body.slice(0, 3))),
  frame(3, channel, Buffer.from(body.slice(3))),
]
const deliver = (channel: number, tag: number, id: string) => [
  method(channel, 60, 60, text('c'), u64(tag), Buffer.from([0]), text(''), text('q')),
  ...content(channel, id, '{"a":1}'),
]
const publish = (channel: number, body: string) => [
  method(channel, 60, 40, u16(0), text(''), text('answers'), Buffer.from([0])),
  ...content(channel, 'm', body),
]
const settle = (channel: number, id: 80 | 90 | 120, tag: number, bits = 0) => method(channel, 60, id, u64(tag), Buffer.from([bits]))

function bench(heartbeatSeconds?: number) {
  const recorder = new Recorder()
  const wire = new Wire({
    recorder,
    isTask: id => id.startsWith('task'),
    answers: (_, key, body) => (key === 'answers' ? (JSON.parse(body.toString()) as { task: string }).task : undefined),
    heartbeatSeconds,
  })
  wire.opened(1)
  const near = (...parts: Buffer[]) => wire.passed(1, 'near', Buffer.concat(parts))
  const far = (...parts: Buffer[]) => wire.passed(1, 'far', Buffer.concat(parts))
  near(Buffer.from('AMQP\0\0\x09\x01'))
  const seen = () => recorder.events.map(({ atMs: _, ...event }) => event)
  return { wire, near, far, seen, of: (kind: string) => seen().filter(event => event.kind === kind) }
}

test('a task on its way: delivered, answered, confirmed, acknowledged', () => {
  const { wire, near, far, seen } = bench()
  near(method(1, 85, 10, Buffer.from([0])), method(1, 60, 20, u16(0), text('q'), text(''), Buffer.from([0]), u32(0)))
  far(...deliver(1, 1, 'task-1'))
  expect(wire.held).toEqual(['task-1'])
  near(...publish(1, '{"task":"task-1"}'))
  far(settle(1, 80, 1))
  near(settle(1, 80, 1))
  expect(wire.held).toEqual([])
  const place = { connection: 1, channel: 1 }
  expect(seen().slice(1)).toEqual([
    { kind: 'consumes', ...place, automatic: false },
    { kind: 'delivered', ...place, tag: 1, task: 'task-1', redelivered: false, held: 1 },
    { kind: 'answer-published', ...place, task: 'task-1' },
    { kind: 'answer-confirmed', ...place, task: 'task-1' },
    { kind: 'settled', ...place, tag: 1, task: 'task-1', verb: 'ack', requeue: false, known: 'yes' },
  ])
})

test('the same, byte by byte', () => {
  const { near, far, of } = bench()
  for (const byte of Buffer.concat(deliver(1, 7, 'task-7'))) far(Buffer.from([byte]))
  for (const byte of settle(1, 120, 7, 2)) near(Buffer.from([byte]))
  expect(of('settled')).toMatchObject([{ task: 'task-7', verb: 'nack', requeue: true, known: 'yes' }])
})

test('one acknowledgement of several; one of another channel; one again', () => {
  const { near, far, of } = bench()
  far(...[1, 2, 3].flatMap(tag => deliver(1, tag, `task-${tag}`)))
  near(settle(1, 80, 2, 1), settle(2, 80, 3), settle(1, 80, 1))
  expect(of('settled')).toMatchObject([
    { tag: 1, known: 'yes' },
    { tag: 2, known: 'yes' },
    { tag: 3, channel: 2, task: '', known: 'no' },
    { tag: 1, known: 'twice' },
  ])
})

test('automatic acknowledgement settles with the delivery', () => {
  const { wire, near, far, of } = bench()
  near(method(1, 60, 20, u16(0), text('q'), text(''), Buffer.from([2]), u32(0)))
  far(...deliver(1, 1, 'task-1'))
  expect([wire.held, of('settled')]).toMatchObject([[], [{ verb: 'automatic' }]])
})

test('a lost connection gives back what it held; that of another queue is not a task', () => {
  const { wire, near, far, of } = bench()
  far(...deliver(1, 1, 'task-1'), ...deliver(1, 2, 'something else'))
  near(settle(1, 80, 2))
  expect([wire.held, of('settled')]).toEqual([['task-1'], []])
  wire.closed(1)
  expect([wire.held, of('disconnected').length]).toEqual([[], 1])
})

test('the broker closes a channel with an error', () => {
  const { far, of } = bench()
  far(method(1, 20, 40, u16(406), text('PRECONDITION_FAILED'), u16(60), u16(80)))
  expect(of('channel-closed')).toMatchObject([{ by: 'broker', code: 406, text: 'PRECONDITION_FAILED' }])
})

test('the heartbeat that the broker proposes is replaced on its way', () => {
  const { wire, near, of } = bench(2)
  const tune = method(0, 10, 30, u16(2047), u32(131_072), u16(60))
  wire.passed(1, 'far', tune)
  const [proposed] = new FrameReader('server').push(tune)
  expect(proposed?.payload.readUInt16BE(proposed.payload.length - 2)).toBe(2)
  near(method(0, 10, 31, u16(2047), u32(131_072), u16(2)), method(1, 20, 10, text('')))
  wire.end()
  expect(of('silence')).toMatchObject([{ heartbeatMs: 2_000 }])
})
