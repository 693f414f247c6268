import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { answerDirective } from '#contracts/gpu-timing'
import { GpuFailure } from '#contracts/http'
import { bench, text, thinking, until } from './test-bench.ts'

/** What real servers and the proxies before them do to their clients. */

const PROMPT = `hi ${answerDirective(40)}`
const FAST = { settings: { timeScale: 10 } }
const BODY = { model: 'llama3.1:8b', messages: [{ role: 'user', content: PROMPT }] }
const BUSY = 'server busy, please try again.  maximum pending requests exceeded'
const OOM = 'has terminated: CUDA error: out of memory'

const FAILURES: Record<GpuFailure, [status: number, body: RegExp]> = {
  'out-of-memory': [500, new RegExp(`"llama-server process ${OOM}"`)],
  'model-missing': [404, /"model 'llama3.1:8b' not found"/],
  'no-chat': [400, /"\\"llama3.1:8b\\" does not support chat"/],
  'no-thinking': [400, /"\\"llama3.1:8b\\" does not support thinking"/],
  'input-too-long': [400, /request \(32769 tokens\) exceeds the available context size \(32768 tokens\), try increasing it/],
  busy: [503, new RegExp(`"${BUSY}"`)],
  'rate-limit': [429, /too many requests/],
  unauthorized: [401, /"unauthorized"/],
  'bad-gateway': [502, /<center><h1>502 Bad Gateway<\/h1><\/center>/],
  'gateway-timeout': [504, /<title>504 Gateway Time-out<\/title>/],
  'login-page': [200, /<title>Sign in<\/title>/],
  redirect: [301, /301 Moved Permanently/],
}

test.each(GpuFailure.options)('%s is refused as a real one does it', async failure => {
  await using gpu = await bench(FAST)
  await gpu.faults({ failure, times: 1 })
  const answer = await fetch(`${gpu.sim.url}/api/chat`, { method: 'POST', body: JSON.stringify(BODY), redirect: 'manual' })
  const [status, body] = FAILURES[failure]
  expect(answer.status).toBe(status)
  expect(await answer.text()).toMatch(body)
  expect(answer.headers.get('content-type')).toContain(body.source.includes('<') || status === 301 ? 'text/html' : 'application/json')
  expect(answer.headers.get('retry-after')).toBe(failure === 'rate-limit' ? '1' : null)
  expect((await gpu.chat('t', PROMPT)).at(-1)).toMatchObject({ done: true })
  expect((await gpu.log()).map(({ outcome }) => outcome)).toEqual(['failed', 'done'])
})

test('the runner is named as its generation names it', async () => {
  await using gpu = await bench({ settings: { timeScale: 10, gpuServer: '0.17' } })
  await gpu.faults({ failure: 'out-of-memory' })
  expect(await (await gpu.post('/api/chat', BODY)).json()).toEqual({ error: `llama runner process ${OOM}` })
})

test('any status with any text and body, and Retry-After in seconds or as a date', async () => {
  await using gpu = await bench(FAST)
  const refused = async () => {
    const answer = await gpu.post('/api/chat', BODY)
    return { answer, body: await answer.text() }
  }
  await gpu.faults({ status: 503, error: 'Server overloaded, please retry shortly', retryAfterSeconds: 7 })
  const json = await refused()
  expect([json.answer.status, json.answer.headers.get('retry-after'), json.body]).toEqual([
    503,
    '7',
    '{"error":"Server overloaded, please retry shortly"}',
  ])
  await gpu.faults({ failure: 'busy', status: 429, body: 'text', retryAfterSeconds: 60, retryAfterForm: 'date' })
  const date = await refused()
  expect([date.answer.status, date.body]).toEqual([429, BUSY])
  const inMs = Date.parse(date.answer.headers.get('retry-after') ?? '') - Date.now()
  expect(inMs).toBeGreaterThan(50_000)
  expect(inMs).toBeLessThanOrEqual(60_000)
  await gpu.faults({ status: 500, body: 'empty' })
  const empty = await refused()
  expect([empty.body, empty.answer.headers.get('content-type')]).toEqual(['', null])
})

test('it takes the request and never answers: no slot is held, and the log says when the client gave up', async () => {
  await using gpu = await bench(FAST)
  await gpu.faults({ connection: 'silent', times: 1 })
  const stop = new AbortController()
  const silent = gpu.post('/api/chat', BODY, 'silent', stop.signal)
  await until('it has arrived', async () => (await gpu.log()).length === 1)
  expect((await gpu.chat('next', PROMPT)).at(-1)).toMatchObject({ done: true })
  stop.abort()
  await expect(silent).rejects.toThrow()
  await until('it is given up', async () => (await gpu.log())[0]?.outcome === 'aborted')
  expect((await gpu.log())[0]).not.toHaveProperty('startedAtNs')
})

test('the connection is reset before any header', async () => {
  await using gpu = await bench(FAST)
  await gpu.faults({ connection: 'reset', times: 1 })
  await expect(gpu.post('/api/chat', BODY)).rejects.toThrow(
    expect.objectContaining({ cause: expect.objectContaining({ code: 'ECONNRESET' }) }),
  )
  expect((await gpu.chat('t', PROMPT)).at(-1)).toMatchObject({ done: true })
})

test('a slow drip: bytes come one by one, and make the same answer', async () => {
  await using gpu = await bench(FAST)
  const whole = text(await gpu.chat('t', PROMPT))
  await gpu.faults({ dripBytes: 1 })
  const sizes = await pieces(gpu.sim.url, JSON.stringify(BODY))
  expect(sizes.filter(size => size <= 20).length).toBeGreaterThan(200)
  expect(text(await gpu.chat('t', PROMPT))).toBe(whole)
  await gpu.faults({ dripBytes: 3, cutAfterTokens: 10 })
  await expect((await gpu.post('/api/chat', BODY)).text()).rejects.toThrow()
})

/** Sizes of what the socket gives out. */
function pieces(url: string, body: string): Promise<number[]> {
  const { hostname, port } = new URL(url)
  const sizes: number[] = []
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () =>
      socket.write(`POST /api/chat HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`),
    )
    socket
      .on('data', data => sizes.push(data.length))
      .on('end', () => resolve(sizes))
      .on('error', reject)
  })
}

test.each([
  ['no-counts', 'done'],
  ['missing', 'failed'],
  ['half', 'failed'],
  ['not-done', 'failed'],
] as const)('the last line: %s', async (lastLine, outcome) => {
  await using gpu = await bench(FAST)
  await gpu.faults({ lastLine })
  const lines = (await (await gpu.post('/api/chat', BODY)).text()).split('\n')
  const last = lines.filter(line => line !== '').at(-1) ?? ''
  if (lastLine === 'half') expect(() => JSON.parse(last)).toThrow()
  else if (lastLine === 'no-counts') {
    expect(JSON.parse(last)).toMatchObject({ done: true, done_reason: 'stop' })
    expect(JSON.parse(last)).not.toHaveProperty('eval_count')
  } else expect(JSON.parse(last)).toMatchObject({ done: false })
  expect(last.includes('eval_count')).toBe(lastLine === 'not-done')
  expect((await gpu.log())[0]?.outcome).toBe(outcome)
})

test.each([
  ['inline', /^<think>\n[^<]+\n<\/think>\n\nSimulated answer: /],
  ['no-open', /^Simulated reasoning: [^<]+\n<\/think>\n\nSimulated answer: /],
  ['nested', /^<think>\n[^<]+<think>[^<]+<\/think>[^<]+\n<\/think>\n\nSimulated answer: /],
  ['twice', /^<think>\n[^<]+\n<\/think>\n<\/think>\n\nSimulated answer: /],
  ['unclosed', /^<think>\n[^<]+$/],
  ['only', /^$/],
] as const)('reasoning %s, of any model', async (reasoning, said) => {
  await using gpu = await bench(FAST)
  await gpu.faults({ reasoning, reasoningTokens: 20 })
  const lines = await gpu.chat('t', PROMPT, { think: false })
  expect(text(lines)).toMatch(said)
  expect(lines.at(-1)).toMatchObject({ eval_count: 40, done_reason: reasoning === 'unclosed' || reasoning === 'only' ? 'length' : 'stop' })
})

test('a cap that the reasoning uses up: done by length, and nothing said', async () => {
  await using gpu = await bench({ settings: { timeScale: 100, model: 'deepseek-r1:8b' } })
  await gpu.faults({ reasoningTokens: 600 })
  const capped = await gpu.chat('t', 'Why?', { options: { num_predict: 400 } })
  expect([text(capped), capped.at(-1)?.done_reason, capped.at(-1)?.eval_count]).toEqual(['', 'length', 400])
  expect(thinking(capped)).toHaveLength(1_600)
})

test('a server without the model, and one that has others', async () => {
  await using gpu = await bench(FAST)
  const names = async () => {
    const { models } = (await (await fetch(`${gpu.sim.url}/api/tags`)).json()) as { models: { name: string }[] }
    return models.map(({ name }) => name)
  }
  expect(await names()).toContain('nomic-embed-text:latest')
  await gpu.faults({ modelMissing: true })
  expect(await names()).toEqual([])
  await gpu.faults({ models: ['llama3.2:3b', 'nomic-embed-text'] })
  expect(await names()).toEqual(['llama3.2:3b', 'nomic-embed-text:latest'])
  const missing = await gpu.post('/api/chat', BODY)
  expect([missing.status, await missing.json()]).toEqual([404, { error: "model 'llama3.1:8b' not found" }])
  expect((await gpu.post('/api/show', { model: 'llama3.1:8b' })).status).toBe(404)
  const embedding = await gpu.post('/api/chat', { ...BODY, model: 'nomic-embed-text' })
  expect([embedding.status, await embedding.json()]).toEqual([400, { error: '"nomic-embed-text" does not support chat' }])
})
