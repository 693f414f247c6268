import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { inspected } from './findings.ts'
import { REQUESTS_MAX } from './management.ts'
import { readBroker } from './read.ts'

/** Brokers that differ from the usual one: settings, rights, proxies, sizes. */

type Reply = (path: string, request: IncomingMessage, response: ServerResponse) => object | number | undefined

const OVERVIEW = {
  management_version: '4.3.6',
  product_version: '4.3.6',
  rates_mode: 'basic',
  object_totals: { channels: 1, connections: 1 },
}
const QUEUE = {
  vhost: '/',
  name: 'work',
  type: 'classic',
  effective_policy_definition: {},
  durable: true,
  messages_ready: 0,
  messages_unacknowledged: 9,
  consumers: 1,
}

/** @returns what it was asked for, method first */
async function broker(reply: Reply, prefix = ''): Promise<{ url: URL; asked: string[] }> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    const path = request.url?.startsWith(`${prefix}/api/`) === true ? request.url.slice(prefix.length + '/api/'.length) : 'outside'
    const body = reply(path, request, response)
    if (body === undefined) return
    response.writeHead(typeof body === 'number' ? body : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(typeof body === 'number' ? { error: 'planted' } : body))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => server.closeAllConnections())
  onTestFinished(() => void server.close())
  return { url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}${prefix}/`), asked }
}

const read = (url: URL) => readBroker({ url, user: 'monitor', password: 'a secret' }, new AbortController().signal)

test('it sends GET alone, with its credentials, and few of them', async () => {
  const { url, asked } = await broker((path, { headers }) => {
    expect(headers.authorization).toBe(`Basic ${Buffer.from('monitor:a secret').toString('base64')}`)
    return path === 'overview' ? OVERVIEW : []
  })
  const snapshot = await read(url)
  expect(asked.every(line => line.startsWith('GET /api/'))).toBe(true)
  expect(snapshot.requests).toBe(asked.length)
  expect(asked.length).toBeLessThanOrEqual(REQUESTS_MAX)
  expect(JSON.stringify(snapshot)).not.toContain('secret')
})

test('of very long lists it reads the pages that hold most, and reports the rest as not seen', async () => {
  const totals = { queues: 100_000, channels: 80_000, connections: 7_000 }
  const { url, asked } = await broker(path => {
    if (path === 'overview') return { ...OVERVIEW, object_totals: totals }
    return path.startsWith('queues?page=') ? { items: [QUEUE] } : path.includes('page=') ? { items: [] } : []
  })
  const snapshot = await read(url)
  expect(asked.length).toBeLessThanOrEqual(REQUESTS_MAX)
  expect(
    asked.filter(line => line.includes('/api/queues?')).every(line => line.includes('sort=messages_unacknowledged&sort_reverse=true')),
  ).toBe(true)
  expect(snapshot.unseen).toContainEqual({ what: 'queues', why: 'part-of-it', seen: 2, of: 100_000 })
})

test('a path of a proxy stands before the API', async () => {
  const { url, asked } = await broker(path => (path === 'overview' ? OVERVIEW : []), '/rabbit')
  await read(url)
  expect(asked[0]).toBe('GET /rabbit/api/overview')
})

test('with statistics off it asks for no channels and guesses nothing', async () => {
  const { url, asked } = await broker(path => {
    if (path === 'overview') return { ...OVERVIEW, disable_stats: true }
    return path.startsWith('queues') ? [{ ...QUEUE, messages_ready: undefined, messages_unacknowledged: undefined }] : []
  })
  const snapshot = await read(url)
  expect(asked.some(line => /api\/(channels|consumers|connections)/.test(line))).toBe(false)
  expect(snapshot.unseen.map(({ what, why }) => [what, why])).toEqual(
    ['channels', 'consumers', 'connections'].map(what => [what, 'stats-disabled']),
  )
  expect(inspected(snapshot)).toMatchObject({ findings: [], verdict: 'unknown' })
})

test('a user who may not look into the virtual hosts gets UNKNOWN, and no clean bill', async () => {
  const totals = { queues: 40, consumers: 90, channels: 90, connections: 1 }
  const { url } = await broker(path => (path === 'overview' ? { ...OVERVIEW, object_totals: totals } : []))
  const snapshot = await read(url)
  expect(snapshot.unseen).toEqual([
    { what: 'queues', why: 'no-rights', seen: 0, of: 40 },
    { what: 'consumers', why: 'no-rights', seen: 0, of: 90 },
  ])
  expect(inspected(snapshot).verdict).toBe('unknown')
})

test('old brokers send [] for an empty object, and leave fields out', async () => {
  const { url } = await broker(path => {
    if (path === 'overview') return { management_version: '3.6.9', object_totals: [] }
    return path.startsWith('queues')
      ? [{ vhost: '/', name: 'work', message_stats: [], arguments: [] }]
      : path.startsWith('nodes')
        ? [{ name: 'n' }]
        : []
  })
  const { queues, nodes } = await read(url)
  expect(queues).toMatchObject([{ name: 'work', type: 'classic', perSecond: {}, arguments: {} }])
  expect(nodes).toMatchObject([{ memoryAlarm: undefined, running: true }])
})

test.each([
  [403, 'no-rights'],
  [404, 'not-offered'],
  [500, 'no-answer'],
])('a list refused with %i is not seen: %s', async (status, why) => {
  const { url } = await broker(path => (path === 'overview' ? OVERVIEW : path.startsWith('nodes') ? status : []))
  expect((await read(url)).unseen).toEqual([{ what: 'nodes', why }])
})

test.each<[string, Reply, string]>([
  ['a wrong password', () => 401, 'BROKER_DENIED'],
  ['another program', () => 404, 'NO_BROKER'],
  ['a page instead of JSON', (_path, _request, response) => void response.end('<html>'), 'NO_BROKER'],
  ['a closed connection', (_path, request) => void request.socket.destroy(), 'NO_BROKER'],
])('%s ends it with a code, and without the password', async (_, reply, code) => {
  const { url, asked } = await broker(reply)
  await expect(read(url)).rejects.toMatchObject({ code, message: expect.not.stringContaining('secret') as string })
  expect(asked).toHaveLength(1)
})

test('a broker that hangs is given up when aborted', async () => {
  const { url, asked } = await broker(() => undefined)
  const stop = new AbortController()
  const reading = readBroker({ url, user: 'monitor', password: '' }, stop.signal)
  await expect.poll(() => asked.length).toBe(1)
  stop.abort(new Error('enough'))
  await expect(reading).rejects.toThrow('enough')
})
