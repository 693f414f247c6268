import { expect, test } from 'vitest'
import { keepAliveMs, parseRequest } from './requests.ts'

const parse = (body: object) => parseRequest('chat', JSON.stringify({ model: 'm', ...body }))

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

test('it streams and reasons as the model likes unless told otherwise', () => {
  expect(parse({})).toMatchObject({ stream: true, think: undefined, keepAliveMs: 300_000, capTokens: 40_960 })
  expect(parse({ stream: false, think: 'low', keep_alive: '1s' })).toMatchObject({ stream: false, think: true, keepAliveMs: 1_000 })
})

test('a cap counts under `options` alone, and the context bounds it', () => {
  expect(parse({ options: { num_predict: 9 } }).capTokens).toBe(9)
  expect(parse({ num_predict: 9, max_tokens: 9 }).capTokens).toBe(40_960)
  expect(parse({ options: { num_predict: 9_999_999, num_ctx: 100 } }).capTokens).toBe(1_000)
  expect(parse({ options: { num_predict: -1 } }).capTokens).toBe(40_960)
  expect(parse({ options: { of_the_future: true }, future: 1 }).capTokens).toBe(40_960)
})

test('the prompt is all that the model reads', () => {
  const messages = [
    { role: 'system', content: 'Be short.' },
    { role: 'user', content: 'Why?' },
  ]
  expect(parse({ messages }).prompt).toBe('Be short.\nWhy?')
  expect(parseRequest('generate', JSON.stringify({ model: 'm', prompt: 'Why?' })).prompt).toBe('Why?')
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
  expect(() => parseRequest('chat', body)).toThrow(expect.objectContaining({ status: 400, message: expect.stringMatching(message) }))
})
