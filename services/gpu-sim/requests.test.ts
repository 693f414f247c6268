import { expect, test } from 'vitest'
import { keepAliveMs, parseRequest } from './requests.ts'
import { SERVER_KINDS } from './server-kind.ts'

const KIND = SERVER_KINDS['0.32']

const parse = (body: object) => parseRequest('chat', JSON.stringify({ model: 'm', ...body }), KIND)

test.each([
  ['5m', 300_000],
  ['1h30m', 5_400_000],
  ['0', 0],
  [0, 0],
  ['250ms', 250],
  [30, 30_000],
  [-1, -1_000],
  ['-1m', -60_000],
  ['soon', undefined],
  ['', undefined],
])('keep_alive %j is %j ms', (given, ms) => {
  expect(keepAliveMs(given)).toBe(ms)
})

test('by default it streams and reasons as the model does', () => {
  expect(parse({})).toMatchObject({ stream: true, think: undefined, keepAliveMs: 300_000, capTokens: Number.POSITIVE_INFINITY })
  expect(parse({ stream: false, think: 'low', keep_alive: '1s' })).toMatchObject({ stream: false, think: 'low', keepAliveMs: 1_000 })
})

test('cap and context count under `options` alone', () => {
  expect(parse({ options: { num_predict: 9, num_ctx: 100 } })).toMatchObject({ capTokens: 9, contextTokens: 100 })
  expect(parse({ num_predict: 9, max_tokens: 9, num_ctx: 9 })).toMatchObject({
    capTokens: Number.POSITIVE_INFINITY,
    contextTokens: undefined,
  })
  expect(parse({ options: { num_predict: -1, num_ctx: 1 } })).toMatchObject({ capTokens: Number.POSITIVE_INFINITY, contextTokens: 4 })
  expect(parse({ options: { of_the_future: true }, future: 1 }).capTokens).toBe(Number.POSITIVE_INFINITY)
})

test('the values of `think` are those of the server’s generation', () => {
  const think = (value: unknown, kind: keyof typeof SERVER_KINDS) =>
    parseRequest('chat', JSON.stringify({ model: 'm', think: value }), SERVER_KINDS[kind]).think
  expect([true, false, 'low', 'max', null].map(value => think(value, '0.32'))).toEqual([true, false, 'low', 'max', undefined])
  expect(() => think('max', '0.17')).toThrow(/invalid think value: "max" \(must be "high", "medium", "low", true, or false\)/)
  expect(() => think(1, '0.32')).toThrow(/think must be a boolean or string/)
  expect([true, 'max', 7].map(value => think(value, '0.8'))).toEqual([undefined, undefined, undefined])
})

test('the prompt is all that the model reads', () => {
  const messages = [
    { role: 'system', content: 'Be short.' },
    { role: 'user', content: 'Why?' },
  ]
  expect(parse({ messages }).prompt).toBe('Be short.\nWhy?')
  expect(parseRequest('generate', JSON.stringify({ model: 'm', prompt: 'Why?' }), KIND).prompt).toBe('Why?')
})

test.each([
  ['', 'missing request body'],
  ['{', /JSON/],
  ['[]', /expected object/i],
  ['{}', 'model is required'],
  ['{"model":7}', /model/],
  ['{"model":"m","messages":"hello"}', /messages/],
  ['{"model":"m","options":{"num_predict":"many"}}', /num_predict/],
  ['{"model":"m","keep_alive":"soon"}', /invalid duration/],
])('%j is refused', (body, message) => {
  expect(() => parseRequest('chat', body, KIND)).toThrow(expect.objectContaining({ status: 400, message: expect.stringMatching(message) }))
})
