import { describe, expect, test } from 'vitest'
import { BOUNDS, chat } from './chat.ts'
import { fakeServer, type Handler, line, ollama, says, send } from './fake-server.ts'
import { inspectModelServer } from './inspect.ts'
import { readyModel } from './manner.ts'

const never = new AbortController().signal
/** Thinks this long by default; thinking counts towards the cap, as in Ollama. */
const thinks =
  (tokens: number, { obeys = true, tagged = false } = {}): Handler =>
  ({ body }, response) => {
    const cap = body.options?.num_predict ?? 400
    const thinking = obeys && body.think === false ? 0 : Math.min(cap, tokens)
    if (tagged && thinking > 0) response.write(line({ message: { content: '<think>' } }))
    for (let i = 0; i < thinking; i += 1) response.write(line({ message: tagged ? { content: 'hm ' } : { content: '', thinking: 'hm ' } }))
    if (tagged && thinking < cap) response.write(line({ message: { content: '</think>' } }))
    if (thinking < cap) response.write(line({ message: { content: 'Water.' } }))
    response.end(line({ done: true, prompt_eval_count: 9, eval_count: thinking + (thinking < cap ? 1 : 0) }))
  }
const THINKING = { 'm:1b': ['completion', 'thinking'] }

describe('how a model has to be asked', () => {
  test.each<[string, Record<string, string[] | undefined>, Handler, object]>([
    ['does not reason', { m: ['completion'] }, says('Hello'), { think: undefined, reasoningTokens: 0 }],
    ['reasons, and can be switched off', THINKING, thinks(600), { think: false, reasoningTokens: 0 }],
    ['cannot be switched off', THINKING, thinks(600, { obeys: false }), { think: undefined, reasoningTokens: 1_803 }],
    ['has its reasoning in the content', { m: undefined }, thinks(100, { tagged: true }), { think: undefined, reasoningTokens: 303 }],
    ['reasons past every cap', THINKING, thinks(5_000, { obeys: false }), { think: undefined, reasoningTokens: Number.POSITIVE_INFINITY }],
    [
      'does so in the content',
      { m: undefined },
      thinks(5_000, { tagged: true }),
      { think: undefined, reasoningTokens: Number.POSITIVE_INFINITY },
    ],
  ])('one that %s', async (_, models, answer, manner) => {
    await using server = await fakeServer(ollama({ models, chat: answer }))
    expect(await readyModel(await inspectModelServer(server), undefined, never)).toMatchObject(manner)
  })
})

describe('which model', () => {
  const refuses: Handler = ({ body }, response) =>
    body.model?.startsWith('embed')
      ? send(response, 400, { error: `"${body.model}" does not support chat` })
      : says('Hi')({} as never, response)

  test.each<[string, Record<string, string[] | undefined>]>([
    ['says what each can do', { 'embed:1': ['embedding'], 'm:1': ['completion'] }],
    ['says nothing', { 'embed:1': undefined, 'm:1': undefined }],
    ['says wrong things', { 'embed:1': ['completion', 'thinking'], 'm:1': ['completion'] }],
  ])('the first that can chat, where the server %s', async (_, models) => {
    await using server = await fakeServer(ollama({ models, chat: refuses }))
    expect((await readyModel(await inspectModelServer(server), undefined, never)).name).toBe('m:1')
  })

  test.each<[Record<string, string[] | undefined>, string | undefined, RegExp]>([
    [{}, undefined, /it has no models\.\nIt has no model that can chat\. Type: ollama pull NAME/],
    [{ 'embed:1': undefined }, undefined, /none of its models can chat: embed:1/],
    [{ 'embed:1': ['embedding'] }, undefined, /none of its models can chat/],
    [{ 'embed:1': undefined, 'm:1': undefined }, 'embed:1', /embed:1 does not answer \(HTTP 400: "embed:1" does not support chat\)/],
  ])('%j, asked for %s: refused', async (models, wanted, what) => {
    await using server = await fakeServer(ollama({ models, chat: refuses }))
    const found = inspectModelServer(server).then(seen => readyModel(seen, wanted, never))
    await expect(found).rejects.toMatchObject({ code: 'NO_MODEL', message: expect.stringMatching(what) })
  })
})

describe('every wait has a bound', () => {
  const ask = { model: 'm', prompt: 'a', tokens: 3 }
  const asked = async (handle: Handler, bounds: Partial<typeof BOUNDS> = {}) => {
    await using server = await fakeServer(handle)
    return await chat(server, ask, never, { ...BOUNDS, ...bounds })
  }

  test.each<[string, Handler, RegExp, Partial<typeof BOUNDS>?]>([
    ['hangs', () => undefined, /expected a piece of the answer within 0\.1 s/, { firstMs: 100 }],
    [
      'falls silent',
      (_, r) => void r.write(line({ message: { content: 'a' } })),
      /expected a piece of the answer within 0\.1 s/,
      { gapMs: 100 },
    ],
    [
      'never ends',
      (_, r) => void setInterval(() => r.write(line({ message: { content: 'a' } })), 20).unref(),
      /expected an answer within 0\.4 s/,
      { wholeMs: 400 },
    ],
    ['stays busy', (_, r) => send(r, 503, { error: 'server busy, please try again.' }), /busy for 1\.2 s \(HTTP 503\)/, { busyMs: 1_200 }],
    ['ends too early', (_, r) => void r.end(line({ message: { content: 'a' } })), /ended without its last line/],
    ['fails in mid-stream', (_, r) => void r.end(line({ error: 'CUDA error: out of memory' })), /failed in its answer: CUDA error/],
    ['fails', (_, r) => send(r, 500, { error: 'llama runner process has terminated' }), /fails \(HTTP 500: llama runner/],
    ['speaks something else', (_, r) => void r.end('data: {}\n\n'), /expected lines of JSON/],
  ])('a server that %s', async (_, handle, what, bounds) =>
    expect(asked(handle, bounds)).rejects.toMatchObject({ code: 'NO_MODEL_SERVER', message: expect.stringMatching(what) }),
  )

  test('a busy server is asked again, after the time that it names', async () => {
    let times = 0
    const busy: Handler = (one, response) => (++times < 3 ? send(response, 503, {}, { 'retry-after': '0' }) : says('Hi')(one, response))
    expect(await asked(busy)).toMatchObject({ content: 'Hi', answerTokens: 1 })
  })
})

describe("the server's own durations", () => {
  const last =
    (durations: object): Handler =>
    (_, response) =>
      void response.end(line({ message: { content: 'a' } }) + line({ done: true, prompt_eval_count: 9, eval_count: 1, ...durations }))
  test.each<[string, object, object | undefined]>([
    ['count where they fit', { total_duration: 1_000, prompt_eval_duration: 100, eval_duration: 900 }, { prefillMs: 1e-4, decodeMs: 9e-4 }],
    ['are longer than what passed here', { total_duration: 5e9, prompt_eval_duration: 1, eval_duration: 1 }, undefined],
    ['are missing', {}, undefined],
  ])('%s', async (_, durations, reported) => {
    await using server = await fakeServer(last(durations))
    const answer = await chat(server, { model: 'm', prompt: 'a' }, never)
    expect(answer.reported).toEqual(reported)
    expect(answer.endedMs).toBeGreaterThanOrEqual(answer.firstTokenMs)
  })
})
