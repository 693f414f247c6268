import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { expect, onTestFinished, test, vi } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { writeReadyBatch } from '../kit/ready-batch.ts'
import { type Connection, connectionOf } from './connections.ts'
import { GatheringWriter, plainWriter } from './socket-writer.ts'

/** A client and the node's end of its socket, over TCP. */
async function pair(fast: boolean, sendBufferMaxBytes = 1_000_000) {
  const http = createServer().listen(0, '127.0.0.1')
  const wss = new WebSocketServer({ noServer: true, perMessageDeflate: false })
  const opened = Promise.withResolvers<{ ws: WebSocket; stream: Duplex }>()
  http.on('upgrade', (request, stream, head) => wss.handleUpgrade(request, stream, head, ws => opened.resolve({ ws, stream })))
  await once(http, 'listening')
  const client = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`)
  const texts: string[] = []
  client.on('message', text => texts.push(text.toString()))
  const { ws, stream } = await opened.promise
  await once(client, 'open')
  const writer = fast ? new GatheringWriter(ws, stream) : plainWriter(ws)
  let slow = 0
  const connection: Connection = connectionOf({ socket: ws, writer }, 'ann', { sendBufferMaxBytes }, () => {
    slow += 1
  })
  const writes = vi.spyOn(stream, 'write')
  onTestFinished(() => {
    client.terminate()
    ws.terminate()
    http.close()
  })
  return { client, ws, stream, writes, connection, texts, slow: () => slow }
}
const frames = (...texts: string[]) =>
  writeReadyBatch(
    'im-a',
    texts.map(nonce => ({ to: ['ann'], frame: { type: 'pong', nonce } as const })),
  ).runs[0]!.frames
const pong = (nonce: string) => JSON.stringify({ type: 'pong', nonce })

test.each([
  [true, 1],
  [false, 4],
])('texts and ready-made frames keep their order (gathering %s)', async (fast, calls) => {
  const { connection, texts, writes, ws, client } = await pair(fast)
  connection.send({ type: 'pong', nonce: 'one' })
  connection.sendFrames(frames('two', 'x'.repeat(300)))
  connection.sendText(pong('four ü'))
  const expected = ['one', 'two', 'x'.repeat(300), 'four ü'].map(pong)
  await vi.waitFor(() => expect(texts).toEqual(expected))
  // The library writes head and payload of a frame apart, corked to one call.
  expect(writes.mock.calls.length).toBe(fast ? calls : 2 * calls)
  ws.ping()
  await once(client, 'ping')
})

test('what was sent goes out before the frame that says why, and nothing follows', async () => {
  const { connection, texts, client } = await pair(true)
  connection.sendText(pong('last'))
  connection.end('MALFORMED', 4400, 'not JSON')
  connection.sendText(pong('never'))
  const [code] = await once(client, 'close')
  expect([code, texts]).toEqual([
    4400,
    [pong('last'), JSON.stringify({ type: 'error', code: 'MALFORMED', detail: 'not JSON', fatal: true })],
  ])
})

test('what may wait goes out with the next frame in one call and in order, and alone in the end', async () => {
  const { connection, texts, writes } = await pair(true)
  connection.sendFrames(frames('copy'), true)
  connection.send({ type: 'pong', nonce: 'stored' }, true)
  await new Promise(resolve => setImmediate(resolve))
  expect(writes).not.toHaveBeenCalled()
  connection.sendText(pong('now'))
  connection.send({ type: 'pong', nonce: 'behind' }, true)
  const first = ['copy', 'stored', 'now', 'behind'].map(pong)
  await vi.waitFor(() => expect(texts).toEqual(first))
  expect(writes).toHaveBeenCalledTimes(1)
  connection.sendText(pong('alone'), true)
  await vi.waitFor(() => expect(texts).toEqual([...first, pong('alone')]))
  expect(writes).toHaveBeenCalledTimes(2)
})

test('what waits goes out before a close frame', async () => {
  const { connection, texts, client } = await pair(true)
  connection.sendText(pong('last'), true)
  connection.end('MALFORMED', 4400, 'not JSON')
  await once(client, 'close')
  expect(texts[0]).toBe(pong('last'))
})

test('a socket that closes meanwhile gets no frame behind the close frame', async () => {
  const { connection, texts, ws, client } = await pair(true)
  connection.sendText(pong('too late'))
  ws.close(1001, 'SHUTTING_DOWN')
  const [code] = await once(client, 'close')
  expect([code, texts]).toEqual([1001, []])
})

test.each([[true], [false]])('a reader who takes nothing is closed as slow, once (gathering %s)', async fast => {
  const { connection, client, stream, slow, ws } = await pair(fast, 200_000)
  client.pause()
  const big = 'x'.repeat(50_000)
  await vi.waitFor(() => {
    for (let i = 0; i < 20; i += 1) connection.sendFrames(frames(big))
    expect(slow()).toBe(1)
  })
  expect([ws.readyState, stream.destroyed]).toEqual([ws.CLOSING, true])
  connection.sendFrames(frames('more'))
  expect(slow()).toBe(1)
})

test.each([[125], [126], [65_535], [65_536], [200_000]])(
  'the library reads a frame of %i bytes, whatever pieces it comes in',
  async bytes => {
    const { connection, texts } = await pair(true)
    const sent = ['x'.repeat(bytes), 'é'.repeat(bytes / 2)]
    for (const text of sent) connection.sendText(text)
    await vi.waitFor(() => expect(texts).toEqual(sent))
  },
)
