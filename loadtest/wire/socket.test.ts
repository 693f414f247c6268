import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { type WireEnding, WireSocket } from './socket.ts'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function serve(onConnection: (socket: WebSocket) => void): Promise<string> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: true })
  server.on('connection', onConnection)
  await once(server, 'listening')
  closing.push(async () => {
    for (const client of server.clients) client.terminate()
    await new Promise(resolve => server.close(resolve))
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/chat?x=1`
}

async function serveRaw(answer: string): Promise<string> {
  const server: Server = createServer(socket => void socket.on('error', () => undefined).once('data', () => socket.write(answer)))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(() => new Promise(resolve => server.close(resolve)))
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

function open(url: string, withinMs = 2_000) {
  const seen: string[] = []
  const ended = Promise.withResolvers<WireEnding>()
  const said = { next: Promise.withResolvers<string>() }
  const connected = WireSocket.connect({
    url,
    withinMs,
    maxBytes: 100_000,
    onMessage: (bytes, from, to) => {
      seen.push(bytes.toString('utf8', from, to))
      said.next.resolve(seen.at(-1) ?? '')
    },
    onEnd: ended.resolve,
  })
  return { connected, seen, ended: ended.promise, said }
}

test('texts of every length go out and come back, several of them in one call', async () => {
  const url = await serve(socket => socket.on('message', raw => socket.send(raw.toString())))
  const { connected, seen, said } = open(url)
  const socket = await connected
  const texts = ['', 'é', 'x'.repeat(125), 'y'.repeat(126), 'z'.repeat(70_000), 'end']
  socket.sendMany(texts.length, index => Buffer.from(texts[index] ?? ''))
  await expect.poll(() => seen.length).toBe(texts.length)
  expect(seen).toEqual(texts)
  said.next = Promise.withResolvers()
  socket.send('once more')
  expect(await said.next.promise).toBe('once more')
  await socket.close()
  expect(socket.open).toBe(false)
})

test('a ping is answered with its own bytes, and not shown as a message', async () => {
  const pong = Promise.withResolvers<string>()
  const url = await serve(socket => {
    socket.on('pong', bytes => pong.resolve(bytes.toString()))
    socket.ping('are you there')
  })
  const { connected, seen } = open(url)
  const socket = await connected
  expect(await pong.promise).toBe('are you there')
  expect(seen).toEqual([])
  await socket.close()
})

test('the server closes: code and reason are reported once, and nothing is sent any more', async () => {
  const url = await serve(socket => socket.close(4490, 'too slow'))
  const { connected, ended } = open(url)
  const socket = await connected
  expect(await ended).toEqual({ code: 4490, reason: 'too slow' })
  socket.send('nobody hears it')
  expect(socket.open).toBe(false)
})

test('the server vanishes without a word, or sends too much: 1006', async () => {
  const gone = open(await serve(socket => socket.terminate()))
  await gone.connected
  expect((await gone.ended).code).toBe(1006)
  const long = open(await serve(socket => socket.send('x'.repeat(100_001))))
  await long.connected
  expect(await long.ended).toMatchObject({ code: 1006, reason: expect.stringContaining('100001 bytes') })
})

test('anything but a WebSocket is refused with the reason', async () => {
  const answers: [string, string][] = [
    ['HTTP/1.1 503 Service Unavailable\r\n\r\n', 'expected HTTP 101, got "HTTP/1.1 503 Service Unavailable"'],
    ['HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: wrong\r\n\r\n', 'answers another key'],
    ['x'.repeat(20_000), 'a head without an end'],
    ['HTTP/1.1 101', 'no WebSocket within 100 ms'],
  ]
  for (const [answer, reason] of answers) await expect(open(await serveRaw(answer), 100).connected, reason).rejects.toThrow(reason)
})
