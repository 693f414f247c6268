import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { resolveSettings } from '#contracts/settings'
import type { FailureCode } from './failures.ts'
import { CANCELLED, infer, truncatedFrom } from './infer.ts'
import { asked, IMPATIENT, MORE, type Reply, server, status, TASK } from './infer-bench.ts'
import { ModelServer } from './model-server/model-server.ts'

const lines =
  (...values: (object | string)[]): Reply =>
  (_req, res) => {
    res.writeHead(200, { 'content-type': 'application/x-ndjson' })
    for (const value of values) res.write(`${typeof value === 'string' ? value : JSON.stringify(value)}\n`)
    res.end()
  }
const say = (content: string, more: object = {}) => ({ message: { role: 'assistant', content, ...more }, done: false })
const END = { message: { role: 'assistant', content: '' }, done: true, done_reason: 'stop', eval_count: 2, prompt_eval_count: 9 }
test.each<[what: string, reply: Reply, code: FailureCode]>([
  ['out of memory', status(500, '{"error":"llama runner process has terminated: CUDA error: out of memory"}'), 'error'],
  ['a busy server', status(503, '{"error":"server busy"}', { 'retry-after': '7', 'content-type': 'application/json' }), 'busy'],
  ['a model that is not pulled', status(404, '{"error":"model \\"x\\" not found, try pulling it first"}'), 'model-missing'],
  ['a page of a proxy', status(502, '<html>Bad Gateway</html>', { 'content-type': 'text/html' }), 'error'],
  ['a web page under 200', status(200, '<html>Welcome</html>', { 'content-type': 'text/html' }), 'not-a-model-server'],
  ['a redirect to a login', status(302, '', { location: 'http://127.0.0.1:1/login' }), 'not-a-model-server'],
  ['an error object as other servers have it', status(400, '{"error":{"message":"maximum context length is 4096 tokens"}}'), 'too-long'],
  ['an error in mid-stream', lines(say('Hel'), { error: 'an error was encountered while running the model' }), 'error'],
  ['an end without its last line', lines(say('Hello')), 'error'],
  ['a line that is not JSON', lines(say('Hello'), 'nonsense', END), 'error'],
  ['a line that is JSON and no object', lines('"nonsense"'), 'error'],
  ['a line without an end', (_req, res) => void res.writeHead(200).end('x'.repeat(2_000_000)), 'error'],
  ['nothing at all', lines(END), 'empty'],
  ['thinking up to the cap', lines(say('', { thinking: 'hm' }), { ...END, done_reason: 'length' }), 'only-thinking'],
  ['inline thinking up to the cap', lines(say('<think>hm'), { ...END, done_reason: 'length' }), 'only-thinking'],
  ['thinking and then nothing', lines(say('', { thinking: 'hm' }), END), 'empty'],
  ['a connection cut before any header', req => req.socket.destroy(), 'error'],
  [
    'a connection cut in mid-answer',
    (_req, res) => void res.writeHead(200).write(`${JSON.stringify(say('Hel'))}\n`, () => res.destroy()),
    'error',
  ],
  ['a server that takes the request and says nothing', () => undefined, 'silent'],
  ['a server that goes silent', (_req, res) => void res.writeHead(200).write(`${JSON.stringify(say('Hel'))}\n`), 'silent'],
])('%s: %j', async (_what, reply, code) => {
  const { result } = await asked(reply, code === 'silent' ? { settings: IMPATIENT } : {})
  expect(result).toMatchObject({ ok: false, failure: { code } })
  expect(JSON.stringify(result)).not.toContain(TASK.prompt)
})

test.each<[what: string, reply: Reply, text: string]>([
  [
    'missing fields',
    lines({ message: { content: 'Hello ' } }, { message: {} }, { message: { content: 'there.' } }, { done: true }),
    'Hello there.',
  ],
  ['no content type', (_req, res) => void res.writeHead(200).end(`${JSON.stringify(say('Hi'))}\n${JSON.stringify(END)}`), 'Hi'],
  [
    'reasoning apart, an answer about tags',
    lines(say('', { thinking: 'hm' }), say('Close it with </think> and go on.'), END),
    'Close it with </think> and go on.',
  ],
  ['an answer cut by the cap is an answer', lines(say('Once upon'), { ...END, done_reason: 'length' }), 'Once upon'],
])('%s: %j', async (_what, reply, text) => expect((await asked(reply)).result).toMatchObject({ ok: true, text }))

test('the path prefix, headers of the environment and settings reach the server', async () => {
  const settings = { think: 'low', contextTokens: 8_192, answerTokensMax: 50 } as const
  const { seen, chat } = await asked(lines(say('Hi'), END), { settings, headers: { authorization: 'Bearer secret' } })
  expect(seen.map(({ path }) => path)).toEqual(['/bot/api/show', '/bot/api/ps', '/bot/api/chat'])
  expect(seen.map(({ headers }) => headers.authorization)).toEqual(Array(3).fill('Bearer secret'))
  expect(chat).toMatchObject({ think: 'low', options: { num_ctx: 8_192, num_predict: 50 } })
  const plain = await asked(lines(say('Hi'), END), { settings: { think: 'unset' } })
  expect(Object.keys(plain.chat)).not.toContain('think')
})

test('a model that is not loaded: its own limit of silence, and the asker hears of it', async () => {
  const slowly: Reply = (_req, res) => void setTimeout(() => lines(say('Hi'), END)(_req, res, ''), 600)
  const settings = { inferenceGapMs: 300, modelLoadDeadlineMs: 5_000 }
  expect(await asked(slowly, { settings, others: { '/api/ps': { models: [] } } })).toMatchObject({ result: { ok: true }, loading: 1 })
  const loaded = { models: [{ name: 'deepseek-r1:8b' }] }
  expect(await asked(slowly, { settings, others: { '/api/ps': loaded } })).toMatchObject({
    result: { failure: { code: 'silent' } },
    loading: 0,
  })
})

test('ended from here: the server sees the hang-up', async () => {
  for (const [reason, code] of [
    [CANCELLED, 'cancelled'],
    [undefined, 'stopped'],
  ] as const) {
    await using there = await server((_req, res) => void res.writeHead(200).write(`${JSON.stringify(say('Hel'))}\n`))
    const { settings } = MORE
    const over = new AbortController()
    const result = await infer(TASK, {
      server: new ModelServer({ url: there.url, headers: {}, settings }),
      ...MORE,
      onText: () => over.abort(reason),
      signal: over.signal,
    })
    expect(result).toMatchObject({ ok: false, failure: { code } })
    await expect.poll(there.hungUp).toBe(1)
  }
})

test.each(['/api/show', '/api/ps'])('a server that hangs at %s does not delay a stop', async hangs => {
  const over = new AbortController()
  let asked = 0
  const http = createServer((req, res) => {
    asked += 1
    if (req.url === hangs) over.abort()
    else res.writeHead(404).end()
  }).listen(0, '127.0.0.1')
  await once(http, 'listening')
  const { settings } = MORE
  const model = new ModelServer({ url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`, headers: {}, settings })
  const begunMs = performance.now()
  const result = await infer(TASK, { server: model, signal: over.signal, ...MORE })
  expect(result).toMatchObject({ ok: false, failure: { code: 'stopped' } })
  expect(performance.now() - begunMs).toBeLessThan(1_000) // A look may take 2 s.
  expect(asked).toBe(hangs === '/api/show' ? 1 : 2)
  http.closeAllConnections()
  http.close()
})

test('a server that quotes the prompt and the headers', async () => {
  const prompt = { ...TASK, prompt: 'my secret illness is known to nobody' }
  const quote: Reply = (req, res, body) => {
    res.writeHead(500, { 'content-type': 'application/json' }).end(JSON.stringify({ error: `bad ${body} ${JSON.stringify(req.headers)}` }))
  }
  await using there = await server(quote)
  const model = new ModelServer({ url: there.url, headers: { authorization: 'Bearer canary-token' }, settings: MORE.settings })
  const result = JSON.stringify(await infer(prompt, { server: model, signal: new AbortController().signal, ...MORE }))
  expect(result).toContain('HTTP 500: bad ')
  expect(result).not.toMatch(/secret illness|canary-token/)
})

test('a probe: one token, whatever the server makes of the cap', async () => {
  const probe = async (reply: Reply) => {
    await using there = await server(reply)
    const model = new ModelServer({ url: there.url, headers: {}, settings: resolveSettings({ optionsPlacement: 'top-level' }) })
    const found = await model.probe(300, new AbortController().signal)
    return { found, body: JSON.parse(there.seen[0]?.body ?? '{}') as object }
  }
  expect(await probe(lines(END))).toMatchObject({ found: 'answers', body: { options: { num_predict: 1 } } })
  const endless: Reply = (_req, res) => {
    const more = setInterval(() => res.write(`${JSON.stringify(say('word '))}\n`), 10)
    res.on('close', () => clearInterval(more))
  }
  expect((await probe(endless)).found).toBe('answers')
  expect((await probe(status(500, '{"error":"oom"}'))).found).toMatchObject({ code: 'error' })
  expect((await probe(() => undefined)).found).toMatchObject({ code: 'silent' })
})

test('a prompt of which the server read little was cut', () => {
  const long = 'word '.repeat(4_000)
  expect([truncatedFrom(long, 4_096), truncatedFrom(long, 1_000), truncatedFrom(long, undefined), truncatedFrom('short', 1)]).toEqual([
    undefined,
    5_000,
    undefined,
    undefined,
  ])
})
