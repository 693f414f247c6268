import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { LatencySummary, LoadSecond } from '#evidence/load-document'
import { drive } from './drive.ts'
import { latencyOf, Meter } from './meter.ts'
import { routesOf } from './routes.ts'

const ASKER = { user: 'a', secret: 's', token: 't', partner: 'b', messages: 1 }
const health = routesOf(ASKER)[0]!

async function against(listener: RequestListener, { signal = new AbortController().signal } = {}) {
  const server = createServer(listener)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const node = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  try {
    return await drive({ nodes: [node, node], route: health, forMs: 1_000, connections: 3, signal, onSecond: () => {} })
  } finally {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  }
}

describe('every answer is judged', () => {
  test('good ones have their time, below a millisecond too', async () => {
    const { meter } = await against((_, response) => response.end('ok\n'))
    const latency = LatencySummary.parse(latencyOf(meter.all, 'request-to-answer'))
    expect(meter.failures).toEqual({})
    expect(latency.count).toBeGreaterThan(100)
    expect(Number.isInteger(latency.p50)).toBe(false)
  })

  test('another status or a wrong body is a failure, without a latency', async () => {
    let answers = 0
    const { meter } = await against((_, response) => {
      answers += 1
      if (answers % 10 === 3) response.writeHead(503).end('ok\n')
      else response.end(answers % 10 === 7 ? 'ko\n' : 'ok\n')
    })
    const { 'status 503': refused = 0, 'wrong body': wrong = 0, ...others } = meter.failures
    expect(others).toEqual({})
    // What was on its way at the end was answered and not read: one of each connection.
    for (const tenth of [refused, wrong]) expect(Math.abs(tenth - answers / 10)).toBeLessThanOrEqual(4)
    expect(Math.abs(meter.all.count - (answers * 8) / 10)).toBeLessThanOrEqual(4)
  })

  test('a connection that is cut under its request is a failure', async () => {
    let requests = 0
    const { meter } = await against((request, response) => {
      requests += 1
      if (requests % 50 === 0) request.socket.destroy()
      else response.end('ok\n')
    })
    const failed = Object.values(meter.failures).reduce((sum, count) => sum + count, 0)
    expect(failed).toBeGreaterThan(0)
    expect(Math.abs(failed - requests / 50)).toBeLessThanOrEqual(4)
  })

  test('an abort ends it early with what it has', async () => {
    const stop = new AbortController()
    let requests = 0
    const { meter, tookMs } = await against(
      (_, response) => {
        requests += 1
        if (requests === 100) stop.abort()
        response.end('ok\n')
      },
      { signal: stop.signal },
    )
    expect(meter.all.count).toBeGreaterThan(90)
    expect(tookMs).toBeLessThan(2_500)
  })
})

describe('the good answer of each route', () => {
  const good = (name: string, body: string) =>
    routesOf(ASKER)
      .find(route => route.name === name)!
      .good(body)
  const CONVERSATION = '018f0000-0000-7000-8000-000000000000'
  const page = (messages: unknown[]) => JSON.stringify({ conversation: CONVERSATION, headSeq: messages.length, messages })
  const message = {
    type: 'message',
    conversation: CONVERSATION,
    seq: 1,
    sender: 'a',
    to: 'b',
    body: 'hi',
    clientMessageId: CONVERSATION,
    sentAt: '',
  }

  test.each([
    ['ready', '{"ready":true,"missing":[]}', '{"ready":false,"missing":["broker"]}'],
    ['login', '{"token":"t","expiresAt":"x"}', '{"error":{"code":"UNAUTHENTICATED","detail":"wrong secret"}}'],
    ['history', page([message]), page([])],
    ['health', 'ok\n', ''],
  ])('%s', (name, right, wrong) => {
    expect([good(name, right), good(name, wrong), good(name, 'not JSON')]).toEqual([true, false, false])
  })
})

test('a second holds what came since the last one', () => {
  const meter = new Meter()
  meter.good(0.4)
  meter.good(2)
  meter.failed('status 503')
  const first = LoadSecond.parse(meter.takeSecond(0))
  expect(first).toMatchObject({ second: 0, offered: 3, delivered: 2, failed: 1, latencyMs: { p50: 0.4, max: 2 } })
  expect(meter.takeSecond(1)).toEqual({ second: 1, offered: 0, stored: 0, delivered: 0, failed: 0, latencyMs: null })
  expect(meter.all.count).toBe(2)
})
