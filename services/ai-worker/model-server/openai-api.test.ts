import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { resolveSettings, type SettingsInput } from '#contracts/settings'
import type { FailureCode } from '../failures.ts'
import { CANCELLED, infer } from '../infer.ts'
import { asked, IMPATIENT, MORE, type Reply, server, status, TASK } from '../infer-bench.ts'
import { ModelServer } from './model-server.ts'

/** Servers of OpenAI's chat API differ: each case was reported of one, as its comment says. */

const OPENAI = { modelApi: 'openai' } as const satisfies SettingsInput
const sent =
  (...lines: string[]): Reply =>
  (_req, res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream' })
    res.end(lines.join(''))
  }
const event = (value: object | string) => `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`
const chunk = (delta: object, finish_reason: string | null = null) => event({ choices: [{ index: 0, delta, finish_reason }] })
const say = (content: string) => chunk({ content })
const ROLE = chunk({ role: 'assistant', content: '' })
const STOP = chunk({}, 'stop')
const USAGE = { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 }
const COUNTS = event({ choices: [], usage: USAGE })
const DONE = event('[DONE]')
const inferred = (reply: Reply, settings: SettingsInput = {}) => asked(reply, { settings: { ...OPENAI, ...settings } })
/** Headers, then each piece once the one before it has left. */
const held =
  (...pieces: (string | Buffer)[]): Reply =>
  async (_req, res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const piece of pieces) await new Promise(resolve => res.write(piece, resolve))
  }

test('an answer as most servers stream it: pieces as they come, counts at the end', async () => {
  const { result, shown, chat, seen } = await inferred(sent(ROLE, say('Hello '), say('there.'), STOP, COUNTS, DONE))
  expect(result).toEqual({ ok: true, text: 'Hello there.', reason: 'stop', tokens: 2, promptTokens: 9 })
  expect(shown).toEqual(['Hello ', 'Hello there.'])
  expect(seen.map(({ path }) => path)).toEqual(['/bot/v1/chat/completions'])
  const { model, temperature, topP, answerTokensMax } = resolveSettings()
  expect(chat).toEqual({
    model,
    messages: [{ role: 'user', content: TASK.prompt }],
    stream: true,
    stream_options: { include_usage: true },
    temperature,
    top_p: topP,
    max_tokens: answerTokensMax,
    chat_template_kwargs: { enable_thinking: false, thinking: false },
  })
})

test.each<[think: SettingsInput['think'], fields: object]>([
  ['unset', {}],
  ['true', { chat_template_kwargs: { enable_thinking: true, thinking: true } }],
  ['low', { reasoning_effort: 'low' }],
])('think %s is asked for as %j', async (think, fields) => {
  const { chat } = await inferred(sent(say('Hi'), STOP, DONE), think === undefined ? {} : { think })
  const { reasoning_effort, chat_template_kwargs } = chat as Record<string, unknown>
  expect({ reasoning_effort, chat_template_kwargs }).toEqual({ reasoning_effort: undefined, chat_template_kwargs: undefined, ...fields })
})

test.each<[what: string, reply: Reply, more?: object]>([
  ['no counts', sent(ROLE, say('Hi'), STOP, DONE), { tokens: 0, promptTokens: undefined }],
  ['counts in a chunk without choices (gradio#11729)', sent(say('Hi'), STOP, COUNTS, DONE), { tokens: 2, promptTokens: 9 }],
  [
    'counts that grow with each chunk',
    sent(event({ choices: [{ delta: { content: 'H' } }], usage: { ...USAGE, completion_tokens: 1 } }), say('i'), STOP, COUNTS, DONE),
    { tokens: 2 },
  ],
  ['counts of null', sent(event({ choices: [{ delta: { content: 'Hi' } }], usage: null, error: null }), STOP, DONE), { tokens: 0 }],
  ['a first chunk without choices (shell_gpt#457)', sent(event({ choices: [] }), say('Hi'), STOP, DONE)],
  ['content of null beside the role', sent(chunk({ role: 'assistant', content: null }), say('Hi'), STOP, DONE)],
  ['finish_reason "" where others have null (sglang#3912)', sent(chunk({ content: 'H' }, ''), chunk({ content: 'i' }, ''), STOP, DONE)],
  ['finish_reason with the last piece', sent(say('H'), chunk({ content: 'i' }, 'stop'), DONE)],
  ['no finish_reason, but [DONE] (pi#7062)', sent(say('Hi'), DONE)],
  ['no [DONE], but a finish_reason', sent(say('Hi'), STOP)],
  ['no blank line at the end', sent(say('Hi'), STOP.trimEnd())],
  ['comments that keep it alive (coder#28185)', sent(':\n\n', ROLE, ':\n', say('H'), ': ping\n\n', say('i'), STOP, DONE)],
  ['a comment as data (llm-gateway#2053)', sent(event(': OPENROUTER PROCESSING'), say('Hi'), STOP, DONE)],
  ['an empty event after an id (llmgateway#2334)', sent(`id: 1\n${say('Hi')}: ping\n\n`, 'data:\n\n', STOP, DONE)],
  ['lines that end in CR LF', sent(`event: message\n${say('Hi')}${STOP}${DONE}`.replaceAll('\n', '\r\n'))],
  ['no space after the colon', sent((say('Hi') + STOP + DONE).replaceAll('data: ', 'data:'))],
  [
    'one answer in one piece, since it does not stream',
    sent(JSON.stringify({ choices: [{ message: { content: 'Hi' }, finish_reason: 'stop' }], usage: USAGE })),
    { tokens: 2 },
  ],
  ['reasoning_content apart (vLLM, SGLang, llama.cpp)', sent(chunk({ reasoning_content: 'hm' }), say('Hi'), STOP, DONE)],
  ['reasoning apart under its newer name', sent(chunk({ reasoning: 'hm', content: null }), say('Hi'), STOP, DONE)],
  ['reasoning inside the content', sent(say('<think>hm</th'), say('ink>\n\nHi'), STOP, DONE)],
  ['an error after its end', sent(say('Hi'), STOP, event({ error: { message: 'late' } }))],
  ['a connection that stays open after its end', held(say('Hi') + STOP)],
  ['an event split in the middle of a character', held(...split(say('Hi'), 20), STOP + DONE)],
])('an answer with %s', async (_what, reply, more = {}) =>
  expect((await inferred(reply, { inferenceGapMs: 5_000 })).result).toMatchObject({ ok: true, text: 'Hi', ...more }),
)

function split(text: string, at: number): Buffer[] {
  const bytes = Buffer.from(text)
  return [bytes.subarray(0, at), bytes.subarray(at)]
}

test('a character that comes in two halves is whole', async () => {
  const bytes = Buffer.from(say('早'))
  const at = bytes.indexOf('早') + 1
  const { result } = await inferred(held(bytes.subarray(0, at), bytes.subarray(at), STOP + DONE))
  expect(result).toMatchObject({ ok: true, text: '早' })
})

test('an answer about tags, once reasoning stood apart', async () => {
  const told = 'Close it with </think>\nand go on.'
  expect((await inferred(sent(chunk({ reasoning_content: 'hm' }), say(told), STOP, DONE))).result).toMatchObject({ text: told })
})

const refusal = (code: number, message: string) => event({ error: { code, message, type: 'x' } })
test.each<[what: string, reply: Reply, code: FailureCode]>([
  ['a refusal of vLLM', status(404, '{"object":"error","message":"The model `x` does not exist.","code":404}'), 'model-missing'],
  ['an unknown path of llama.cpp', status(404, '{"error":{"code":404,"message":"File Not Found"}}'), 'not-a-model-server'],
  ['FastAPI: no such path', status(404, '{"detail":"Not Found"}'), 'not-a-model-server'],
  ['a model that is being loaded', status(503, '{"error":{"code":503,"message":"Loading model"}}'), 'busy'],
  ['a bad key', status(401, '{"error":"Unauthorized"}'), 'no-access'],
  [
    'a long prompt, SGLang',
    status(400, `{"message":"The input (9 tokens) is longer than the model's context length (4 tokens)."}`),
    'too-long',
  ],
  ['no room for an answer, vLLM', status(400, `{"message":"This model's maximum context length is 4096 tokens."}`), 'too-long'],
  ['a field that it does not take', status(400, '{"message":"chat_template is not supported for Mistral tokenizers."}'), 'wrong-settings'],
  ['another refusal', status(422, '{"detail":"temperature: must be smaller"}'), 'refused'],
  ['an error under 200 (llama.cpp#14566)', sent(refusal(400, 'the request exceeds the available context size')), 'too-long'],
  ['an error amid the answer (rocketmq-dashboard#2178)', sent(say('Hel'), event({ error: { message: 'quota' } }), DONE), 'error'],
  ['an error amid the answer, as a text (NeoGraph#124)', sent(event({ error: 'STREAM_EXPLODED' }), DONE), 'error'],
  ['an error amid the answer of vLLM', sent(say('Hel'), event({ object: 'error', message: 'engine died', code: 500 }), DONE), 'error'],
  ['an error in a field of its own (llama.cpp#16104)', sent(say('Hel'), 'error: {"code":500,"message":"oom"}\n\n'), 'error'],
  ['a text where JSON is due (mistral.rs#1874)', held(say('Hel'), event('Number of choices must be greater than 0.')), 'error'],
  ['a refusal under 200 without a stream', sent('{"error":"Unexpected endpoint or method. Returning 200 anyway"}'), 'error'],
  ['a cut that looks like an end (ai#19165)', sent(ROLE, say('Hel')), 'error'],
  ['a cut in an event', sent(say('Hel'), 'data: {"choices":[{"de'), 'error'],
  ['a connection cut', (_req, res) => void res.writeHead(200).write(say('Hel'), () => res.destroy()), 'error'],
  ['a line without an end', (_req, res) => void res.writeHead(200).end(`data: ${'x'.repeat(2_000_000)}`), 'error'],
  ['an event without an end', (_req, res) => void res.writeHead(200).end(`data: ${'x'.repeat(1_000)}\n`.repeat(1_500)), 'error'],
  ['JSON, not an object', sent(event('"Hi"'), DONE), 'error'],
  ['nothing at all', sent(ROLE, STOP, COUNTS, DONE), 'empty'],
  ['reasoning up to the cap', sent(chunk({ reasoning_content: 'hm' }), chunk({}, 'length'), DONE), 'only-thinking'],
  ['reasoning and then nothing', sent(chunk({ reasoning_content: 'hm' }), STOP, DONE), 'empty'],
  ['silence from the start', () => undefined, 'silent'],
  ['comments alone, while its engine hangs', (_req, res) => commenting(res), 'silent'],
])('%s fails: %j', async (_what, reply, code) => {
  const { result } = await inferred(reply, code === 'silent' ? IMPATIENT : {})
  expect(result).toMatchObject({ ok: false, failure: { code } })
  expect(JSON.stringify(result)).not.toContain(TASK.prompt)
})

function commenting(res: Parameters<Reply>[1]): void {
  res.writeHead(200, { 'content-type': 'text/event-stream' })
  const more = setInterval(() => res.write(': ping\n\n'), 20)
  res.on('close', () => clearInterval(more))
}

test('headers and a key reach the server, and no log', async () => {
  const quote: Reply = (req, res, body) => void res.writeHead(500).end(`bad ${body} ${req.headers.authorization}`)
  const { result, seen } = await asked(quote, { settings: OPENAI, headers: { authorization: 'Bearer sk-canary-key' } })
  expect(seen[0]?.headers.authorization).toBe('Bearer sk-canary-key')
  expect(JSON.stringify(result)).toContain('HTTP 500: bad')
  expect(JSON.stringify(result)).not.toContain('canary')
})

test('cancelled: the server sees the hang-up', async () => {
  await using there = await server(held(say('Hel')))
  const settings = resolveSettings(OPENAI)
  const over = new AbortController()
  const model = new ModelServer({ url: there.url, headers: {}, settings })
  const result = await infer(TASK, { server: model, ...MORE, settings, onText: () => over.abort(CANCELLED), signal: over.signal })
  expect(result).toMatchObject({ failure: { code: 'cancelled' } })
  await expect.poll(there.hungUp).toBe(1)
})

test.each([true, false])('the last byte waits: begun %s', async go => {
  await using there = await server(sent(say('Hi'), STOP, DONE))
  const settings = resolveSettings(OPENAI)
  const model = new ModelServer({ url: there.url, headers: {}, settings })
  const counted = Promise.withResolvers<boolean>()
  const result = infer(TASK, { server: model, ...MORE, settings, signal: new AbortController().signal, go: counted.promise })
  // Answered later, on its own connection: by then the held request had arrived but for its end.
  const other = connect({ host: '127.0.0.1', port: Number(new URL(there.url).port) }).end('GET /bot/v1/models HTTP/1.0\r\n\r\n')
  await once(other.resume(), 'close')
  expect(there.seen.map(({ path }) => path)).toEqual(['/bot/v1/models'])
  counted.resolve(go)
  expect(await result).toEqual(go ? expect.objectContaining({ ok: true, text: 'Hi' }) : 'not-begun')
  expect(there.seen).toHaveLength(go ? 2 : 1)
})

test('a probe asks for one token, and the next inference uses its connection', async () => {
  await using there = await server(sent(ROLE, say('Hi'), STOP, COUNTS, DONE))
  const settings = resolveSettings(OPENAI)
  const model = new ModelServer({ url: there.url, headers: {}, settings })
  const { signal } = new AbortController()
  expect(await model.probe(300, signal)).toBe('answers')
  expect(JSON.parse(there.seen[0]?.body ?? '')).toMatchObject({ max_tokens: 1, stream: true })
  for (let i = 0; i < 3; i += 1) expect(await infer(TASK, { server: model, ...MORE, settings, signal })).toMatchObject({ ok: true })
  expect(there.connections()).toBe(1)
})

test('a probe of a server that does not know the cap', async () => {
  await using there = await server(held(...Array.from({ length: 9 }, () => say('word '))))
  const model = new ModelServer({ url: there.url, headers: {}, settings: resolveSettings(OPENAI) })
  expect(await model.probe(300, new AbortController().signal)).toBe('answers')
})

test('a server that closes a kept connection at the next request is asked anew', async () => {
  const used = new Set<unknown>()
  await using there = await server((req, res, body) => {
    if (used.has(req.socket)) return void req.socket.destroy()
    used.add(req.socket)
    sent(say('Hi'), STOP, DONE)(req, res, body)
  })
  const settings = resolveSettings(OPENAI)
  const model = new ModelServer({ url: there.url, headers: {}, settings })
  const { signal } = new AbortController()
  for (let i = 0; i < 2; i += 1) expect(await infer(TASK, { server: model, ...MORE, settings, signal })).toMatchObject({ ok: true })
  expect([there.connections(), there.seen.length]).toEqual([2, 3])
})
