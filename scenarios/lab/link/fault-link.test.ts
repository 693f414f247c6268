import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { until } from '../until.ts'
import { FaultLink } from './fault-link.ts'
import { Pace } from './toxics.ts'

let stack = new AsyncDisposableStack()
afterEach(async () => {
  await stack.disposeAsync()
  stack = new AsyncDisposableStack()
})

/** A server that sends back what it gets, the link before it, and a client. */
async function echoed(): Promise<{ link: FaultLink; client: Socket; got: () => string }> {
  const server = createServer(socket => socket.on('error', () => undefined).pipe(socket)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  stack.defer(() => void server.close())
  const { port } = server.address() as { port: number }
  const link = stack.use(await FaultLink.open({ host: '127.0.0.1', port }, () => 0.5))
  const client = connect(link.port, '127.0.0.1')
  stack.defer(() => void client.destroy())
  await once(client, 'connect')
  let text = ''
  client.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  return { link, client, got: () => text }
}

test('a clean link passes everything, and the end of it', async () => {
  const { client, got } = await echoed()
  client.end('x'.repeat(100_000))
  await once(client, 'end')
  expect(got().length).toBe(100_000)
})

test('latency counts in both directions', async () => {
  const { link, client, got } = await echoed()
  await link.set({ latencyMs: 60 })
  const startedMs = performance.now()
  client.write('hello')
  await until('it comes back', got, { equals: 'hello', withinMs: 5_000, everyMs: 1 })
  expect(performance.now() - startedMs).toBeGreaterThan(115)
})

test('bandwidth holds a large message back', async () => {
  const { link, client, got } = await echoed()
  await link.set({ bandwidthBytesPerSecond: 100_000 })
  const startedMs = performance.now()
  client.write('x'.repeat(20_000))
  await until('it comes back', () => got().length, { equals: 20_000, withinMs: 5_000, everyMs: 1 })
  expect(performance.now() - startedMs).toBeGreaterThan(195)
})

test('a black hole swallows nothing for good: what was sent comes when it heals', async () => {
  const { link, client, got } = await echoed()
  await link.set({ timeout: true })
  client.write('hello')
  await until('the link holds it', () => link.heldBytes, { equals: 5, withinMs: 2_000 })
  expect([got(), client.destroyed, link.connections]).toEqual(['', false, 1])
  await link.set({})
  await until('it comes back', got, { equals: 'hello', withinMs: 5_000 })
})

test('down: open connections close, new ones are refused, on the same port afterwards', async () => {
  const { link, client } = await echoed()
  const closed = once(client, 'close')
  await link.set({ down: true })
  await closed
  const [error] = (await once(connect(link.port, '127.0.0.1'), 'error')) as [NodeJS.ErrnoException]
  expect(error.code).toBe('ECONNREFUSED')
  await link.set({})
  const again = connect(link.port, '127.0.0.1')
  stack.defer(() => void again.destroy())
  await once(again, 'connect')
})

test('reset: the client sees it as such', async () => {
  const { link, client } = await echoed()
  client.write('x')
  await until('it is through', () => link.connections, { equals: 1, withinMs: 2_000 })
  const failed = once(client, 'error') as Promise<[NodeJS.ErrnoException]>
  link.resetPeers()
  expect((await failed)[0].code).toBe('ECONNRESET')
})

test('chunks never overtake each other, whatever the jitter, and never leave before they came', () => {
  const chunk = fc.record({
    gapMs: fc.integer({ min: 0, max: 50 }),
    bytes: fc.integer({ min: 1, max: 5_000 }),
    random: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  const toxics = fc.record({
    latencyMs: fc.integer({ min: 0, max: 200 }),
    jitterMs: fc.integer({ min: 0, max: 200 }),
    bandwidthBytesPerSecond: fc.integer({ min: 1_000, max: 1_000_000 }),
  })
  fc.assert(
    fc.property(fc.array(chunk, { maxLength: 50 }), toxics, (chunks, toxic) => {
      const pace = new Pace()
      let [nowMs, lastMs] = [0, 0]
      for (const { gapMs, bytes, random } of chunks) {
        nowMs += gapMs
        const atMs = pace.leaveAtMs(nowMs, bytes, toxic, random)
        expect(atMs).toBeGreaterThanOrEqual(Math.max(lastMs, nowMs))
        lastMs = atMs
      }
    }),
  )
})
