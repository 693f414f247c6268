import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ClientFrame } from '#contracts/frames'
import { conversationId } from '#contracts/ids'
import { WireFrames } from './wire-frames.ts'
import { WireIds } from './wire-ids.ts'

const [USER, TO] = ['user-0-0', 'user-0-1']
const conversation = conversationId(USER, TO)
const WALL_MS = 1_764_000_000_000
const ids = new WireIds('abcdef')
const frames = new WireFrames(ids, { user: USER, to: TO, conversation, body: 'é "quoted"' })
const id = ids.text(7, WALL_MS)
const received = {
  type: 'message',
  conversation,
  seq: 12,
  sender: TO,
  to: USER,
  body: 'hi',
  clientMessageId: id,
  sentAt: new Date(0).toISOString(),
}
const stored = { type: 'stored', clientMessageId: id, conversation, seq: 12 }

function told(frame: unknown) {
  const bytes = Buffer.from(`##${typeof frame === 'string' ? frame : JSON.stringify(frame)}##`)
  const kind = frames.recognise(bytes, 2, bytes.length - 2)
  return kind === 'unknown' ? kind : `${kind} ${frames.number} ${frames.seq}`
}

test('a ready-made frame is what the protocol wants, with another id each time', () => {
  for (const number of [0, 1, 65_535, 2 ** 31, 2 ** 40]) {
    const frame = ClientFrame.parse(JSON.parse(Buffer.from(frames.send(number, WALL_MS)).toString()))
    expect(frame).toEqual({ type: 'send', clientMessageId: ids.text(number, WALL_MS), to: TO, body: 'é "quoted"' })
    expect(ids.numberAt(Buffer.from(ids.text(number, WALL_MS)), 0)).toBe(number)
  }
  expect(ids.text(7, WALL_MS)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-8[0-9a-f]{3}-000000000007$/)
  expect(ids.text(0, WALL_MS) < ids.text(0, WALL_MS + 1)).toBe(true)
  expect(new WireIds('abcdee').numberAt(Buffer.from(id), 0)).toBe(-1)
})

test('messages of both directions and stored are recognised by their bytes, whatever the body', () => {
  expect(told(received)).toBe('received 7 12')
  expect(told({ ...received, sender: USER, to: TO })).toBe('echoed 7 12')
  expect(told(stored)).toBe('stored 7 12')
  const body = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('","clientMessageId":"', `\\","clientMessageId":"${id}","sentAt":"`, '\\'),
  )
  fc.assert(
    fc.property(body, fc.nat(), (text, seq) => {
      expect(told({ ...received, body: text, seq })).toBe(`received 7 ${seq}`)
    }),
  )
})

test('anything else is left to the parser: others, other ids, other shapes, garbage', () => {
  const elsewhere = conversationId(USER, 'somebody')
  const { clientMessageId, ...without } = received
  const others: unknown[] = [
    { ...received, conversation: elsewhere },
    { ...received, sender: 'somebody' },
    { ...received, to: 'somebody' },
    { ...received, clientMessageId: '018f0000-0000-7000-8000-000000000001' },
    { ...received, sentAt: '' },
    { ...received, task: elsewhere },
    { ...without, clientMessageId },
    { ...stored, conversation: elsewhere },
    { ...stored, task: elsewhere },
    { type: 'head', heads: { [conversation]: 3 } },
    { type: 'pong' },
    JSON.stringify(received).slice(0, -1),
    JSON.stringify(stored).slice(0, -1),
    `${JSON.stringify(stored)} `,
    '',
    'garbage',
  ]
  for (const other of others) expect(told(other), JSON.stringify(other)).toBe('unknown')
  // Cut anywhere, a frame is never taken for another.
  const whole = JSON.stringify(received)
  for (let cut = 0; cut < whole.length; cut += 1) expect(told(whole.slice(0, cut))).toBe('unknown')
})
