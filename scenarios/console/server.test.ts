import { request } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Frame } from './frames.ts'
import { ConsoleServer } from './server.ts'

/** The console's door as it stands: what an attacker's page could send gets no further. */

const TOKEN = 'a-token-of-the-lab-1234'
const acted: unknown[] = []
const pages = new Set<(frame: Frame) => void>()
let server: ConsoleServer
const own = () => `127.0.0.1:${server.port}`

beforeAll(async () => {
  const served = {
    join: (send: (frame: Frame) => void) => {
      pages.add(send)
      return { whole: () => ({ whole: true as const, atMs: 1 }), leave: () => pages.delete(send) }
    },
    act: async (input: unknown) => {
      acted.push(input)
      return input === null ? { error: { code: 'BAD_ACT', detail: '' } } : {}
    },
    page: async () => '<!doctype html><p>the page</p>',
  }
  server = await ConsoleServer.listen(served, { port: 0, token: TOKEN })
})
afterAll(() => server[Symbol.asyncDispose]())

/** A client that may send any header, as a browser would send those of its page. */
function ask(
  path: string,
  { method = 'GET', headers = {}, body = '' } = {},
): Promise<{ status: number; text: string; headers: Record<string, unknown> }> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port: server.port, path, method, headers: { host: own(), ...headers } }, answer => {
      let text = ''
      answer.on('data', (chunk: Buffer) => {
        text += chunk.toString()
      })
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text, headers: answer.headers }))
    })
    asked.on('error', reject)
    asked.end(body)
  })
}
const post = (headers: Record<string, string>, body = '{"act":"crowd","perSecond":1}') =>
  ask('/act', {
    method: 'POST',
    headers: {
      authorization: `Bearer ${TOKEN}`,
      'content-type': 'application/json',
      ...headers,
      'content-length': String(Buffer.byteLength(body)),
    },
    body,
  })

test('the page needs no token, cannot be framed and says its types', async () => {
  const { status, text, headers } = await ask('/')
  expect([status, text]).toEqual([200, '<!doctype html><p>the page</p>'])
  expect(headers).toMatchObject({ 'x-frame-options': 'DENY', 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' })
  expect(headers).not.toHaveProperty('access-control-allow-origin')
})

test('only the page itself acts', async () => {
  const before = acted.length
  const refused = await Promise.all([
    post({ authorization: 'Bearer wrong-token-of-the-lab' }),
    post({ origin: 'https://evil.example' }),
    post({ host: `evil.example:${server.port}`, origin: `http://evil.example:${server.port}` }),
    post({ 'content-type': 'text/plain' }),
    post({ 'sec-fetch-site': 'cross-site' }),
    ask('/act', { method: 'OPTIONS', headers: { origin: 'https://evil.example' } }),
  ])
  expect(refused.map(({ status }) => status)).toEqual([401, 403, 421, 415, 403, 403])
  expect(acted.length).toBe(before)
  expect((await post({ origin: `http://${own()}`, 'sec-fetch-site': 'same-origin' })).status).toBe(200)
  expect(acted.at(-1)).toEqual({ act: 'crowd', perSecond: 1 })
})

test('what is not JSON is a bad act; a long one is not read', async () => {
  expect((await post({}, '{')).status).toBe(400)
  const before = acted.length
  expect((await post({}, JSON.stringify('x'.repeat(70_000)))).status).toBe(413)
  expect(acted.length).toBe(before)
})

test('a stream needs the token; it begins with everything and ends with its page', async () => {
  expect((await ask('/state')).status).toBe(401)
  const over = new AbortController()
  const response = await fetch(`http://${own()}/state`, { headers: { authorization: `Bearer ${TOKEN}` }, signal: over.signal })
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  expect((await reader?.read())?.value).toBe('{"whole":true,"atMs":1}\n')
  for (const send of pages) send({ atMs: 2 })
  expect((await reader?.read())?.value).toBe('{"atMs":2}\n')
  over.abort()
  await expect.poll(() => pages.size).toBe(0)
})
