import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import type { ClientFrame, ServerFrame } from '#contracts/frames'
import { conversationId } from '#contracts/ids'
import { WireTurn } from '../wire/turn.ts'
import { Journal } from './journal.ts'
import { Ledger } from './ledger.ts'
import { WireDevice } from './wire-device.ts'

/** One device against a node that the test plays. */

const [USER, TO] = ['user-0-0', 'user-0-1']
const conversation = conversationId(USER, TO)
const SENT_AT = new Date(0).toISOString()
const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function played(onFrame: (frame: ClientFrame, say: (frame: ServerFrame) => void, socket: WebSocket) => void) {
  const heard: ClientFrame[] = []
  const server = createServer((_, answer) => void answer.end(JSON.stringify({ token: 'token', expiresAt: SENT_AT })))
  const sockets = new WebSocketServer({ server })
  sockets.on('connection', socket =>
    socket.on('message', (raw: Buffer) => {
      const frame = JSON.parse(raw.toString()) as ClientFrame
      heard.push(frame)
      const say = (told: ServerFrame) => socket.send(JSON.stringify(told))
      if (frame.type === 'auth') say({ type: 'ready', version: 1, user: USER, node: 'im-a', robot: 'URobot', sequenced: true })
      onFrame(frame, say, socket)
    }),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const node = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const spec = { user: USER, device: `${USER}.1`, nodes: [node], judged: true, idle: false }
  const [journal, ledger] = [new Journal(0), new Ledger()]
  const setUp = { zeroMs: 0, secret: 's', trust: true }
  const device = new WireDevice(spec, { to: TO, body: 'hello' }, { setUp, journal, ledger, turn: new WireTurn() })
  const events = () => [...journal.events, ...ledger.events()].sort((a, b) => a.atMs - b.atMs)
  closing.push(async () => {
    await device[Symbol.asyncDispose]()
    for (const client of sockets.clients) client.terminate()
    await new Promise(resolve => server.close(resolve))
  })
  await device.connect()
  return { device, heard, ledger, events, shown: () => events().flatMap(event => (event.kind === 'shown' ? [event.seq] : [])) }
}

const messageOf = (clientMessageId: string, seq: number, sender = TO) => ({
  type: 'message' as const,
  conversation,
  seq,
  sender,
  to: sender === TO ? USER : TO,
  body: 'b',
  clientMessageId,
  sentAt: SENT_AT,
})
/** Not sent by this thread. */
const FOREIGN = '018f0000-0000-7000-8000-00000000000'

test('it sends, is answered, and shows its own message once; a repetition is counted and not shown', async () => {
  const { device, shown, events, ledger } = await played((frame, say) => {
    if (frame.type !== 'send') return
    const { clientMessageId } = frame
    say({ type: 'stored', clientMessageId, conversation, seq: 1 })
    say(messageOf(clientMessageId, 1, USER))
    say(messageOf(clientMessageId, 1, USER))
    say({ type: 'head', heads: { [conversation]: 1 } })
  })
  device.send(5, true)
  await expect.poll(() => device.state()).toMatchObject({ shown: 1, pendingSends: 0, cursors: { [conversation]: 1 } })
  expect(shown()).toEqual([1])
  expect(ledger.records()[0]).toMatchObject({ kind: 'chat', measured: true, dueMs: 5, storedMs: expect.any(Number) })
  await device[Symbol.asyncDispose]()
  expect(events().filter(({ kind }) => kind === 'counted')).toEqual([expect.objectContaining({ rawDuplicates: 1, gapsAsked: 0 })])
  expect(events().map(({ kind }) => kind)).toEqual(expect.arrayContaining(['online', 'send', 'stored', 'shown']))
})

test('what comes before its turn waits; a hole that stays is asked for', async () => {
  const { device, heard, shown } = await played((frame, say) => {
    if (frame.type === 'resume' && frame.only === undefined) for (const seq of [1, 3, 2, 5]) say(messageOf(`${FOREIGN}${seq}`, seq))
    else if (frame.type === 'resume') for (const seq of [4, 5, 6]) say(messageOf(`${FOREIGN}${seq}`, seq))
  })
  await expect.poll(shown).toEqual([1, 2, 3, 4, 5, 6])
  expect(heard.at(-1)).toEqual({ type: 'resume', cursors: { [conversation]: 3 }, only: conversation })
  expect(device.state()).toMatchObject({ shown: 6, cursors: { [conversation]: 6 } })
})

test('a head beyond what was shown is asked for too', async () => {
  const { shown } = await played((frame, say) => {
    if (frame.type === 'resume' && frame.only === undefined) say({ type: 'head', heads: { [conversation]: 1 } })
    else if (frame.type === 'resume') say(messageOf(`${FOREIGN}1`, 1))
  })
  await expect.poll(shown).toEqual([1])
})

test('a message of another pair is shown to the checks as it came', async () => {
  const foreign = { ...messageOf(`${FOREIGN}1`, 9), conversation: conversationId(TO, 'else'), to: 'else' }
  const { events } = await played((frame, say) => void (frame.type === 'resume' && say(foreign)))
  await expect.poll(() => events().find(({ kind }) => kind === 'shown')).toMatchObject({ user: USER, to: 'else', sender: TO, seq: 9 })
})

test('a refusal that may be repeated is, by the same id; another one fails the message', async () => {
  let refused = 0
  const { device, heard, ledger, events } = await played((frame, say) => {
    if (frame.type !== 'send') return
    refused += 1
    const code = refused === 1 ? 'BUSY' : 'ID_REUSED'
    say({ type: 'refused', ref: frame.clientMessageId, code, retryable: refused === 1, detail: '' })
  })
  device.send(0, true)
  await expect.poll(() => ledger.records()[0]?.failed).toBe('ID_REUSED')
  const sends = heard.filter(frame => frame.type === 'send')
  expect([sends.length, new Set(sends.map(({ clientMessageId }) => clientMessageId)).size]).toEqual([2, 1])
  expect(events().filter(({ kind }) => kind === 'refused')).toEqual([expect.objectContaining({ code: 'ID_REUSED' })])
  expect(device.state().pendingSends).toBe(0)
})

test('a node that goes leaves the device offline, and the device reports it', async () => {
  const { device, events } = await played((frame, _, socket) => void (frame.type === 'resume' && socket.close(1001, 'gone')))
  await expect.poll(() => events().some(({ kind }) => kind === 'offline')).toBe(true)
  expect(device.online).toBe(false)
})

test('a send that nobody answers is unknown once it is given up', async () => {
  const { device, ledger, events } = await played(() => undefined)
  const number = device.send(0, true)
  device.giveUp(number)
  expect(ledger.records()[0]).toMatchObject({ failed: 'unknown' })
  expect(events().some(({ kind }) => kind === 'unknown')).toBe(true)
  expect(device.state().pendingSends).toBe(0)
})
