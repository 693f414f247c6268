import { describe, expect, test } from 'vitest'
import { LabError } from '../errors.ts'
import { modelAddress, withoutCredentials } from './address.ts'

const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` })

describe('an address as people type it', () => {
  test.each([
    ['http://127.0.0.1:11434', 'http://127.0.0.1:11434'],
    ['http://127.0.0.1:11434/', 'http://127.0.0.1:11434'],
    [' http://127.0.0.1:11434 ', 'http://127.0.0.1:11434'],
    ['http://host/ollama/', 'http://host/ollama'],
    ['https://host', 'https://host'],
    ['http://host', 'http://host'],
    ['HTTP://Host:80/', 'http://host'],
    ['http://[::1]:11434', 'http://[::1]:11434'],
    ['http://0.0.0.0:11434', 'http://127.0.0.1:11434'],
    ['localhost', 'http://localhost:11434'],
    ['127.0.0.1:11999', 'http://127.0.0.1:11999'],
    ['0.0.0.0', 'http://127.0.0.1:11434'],
    [':11434', 'http://127.0.0.1:11434'],
    ['::1', 'http://[::1]:11434'],
    ['[::1]:11999', 'http://[::1]:11999'],
    ['gpu.lan:80', 'http://gpu.lan'],
    ['gpu.lan/ollama', 'http://gpu.lan:11434/ollama'],
  ])('%s', (typed, url) => expect(modelAddress(typed)).toEqual({ url, headers: {} }))

  test.each(['', 'http://', 'ftp://host', 'file:///etc/passwd', 'http://host?x=1', 'http://host/#a', 'a b', 'http:/host'])(
    '%j is refused, with what to type',
    typed => expect(() => modelAddress(typed)).toThrow(/^--ollama: expected .*\nLike this: --ollama http/),
  )
})

describe('credentials', () => {
  test.each([
    ['http://bot:hunter2@host:1', 'bot:hunter2'],
    ['http://bot@host:1', 'bot:'],
    ['http://b%40t:p%2Fa%23@host:1', 'b@t:p/a#'],
    ['http://bot:50%@host:1', 'bot:50%'],
    ['bot:hunter2@host:1', 'bot:hunter2'],
  ])('%s: a header, and the address has none of it', (typed, pair) =>
    expect(modelAddress(typed)).toEqual({ url: 'http://host:1', headers: basic(pair) }),
  )

  test.each(['http://bot:CANARY/x@host', 'http://bot:CAN#ARY@host', 'ftp://bot:CANARY@host', 'http://bot:CANARY@host?a'])(
    '%s: never in an error',
    typed => {
      const thrown: unknown[] = []
      try {
        modelAddress(typed)
      } catch (error) {
        thrown.push(error)
      }
      expect(thrown).toEqual([expect.any(LabError)])
      expect(String(thrown[0])).not.toMatch(/CAN|ARY|bot/)
    },
  )

  test('headers come from the environment; those of the address win, whatever their case', () => {
    const json = '{"Authorization": "Bearer X", "X-Team": "lab"}'
    expect(modelAddress('http://host', json).headers).toEqual({ authorization: 'Bearer X', 'x-team': 'lab' })
    expect(modelAddress('http://bot:p@host', json).headers).toEqual({ ...basic('bot:p'), 'x-team': 'lab' })
  })

  test.each(['CANARY', '{"a": 1, "b": "CANARY"}', '["CANARY"]', '{"a b": "CANARY"}', '{"a": "CANARY\\n"}'])(
    'headers that are none (%s) are refused without a word of them',
    json => {
      expect(() => modelAddress('http://host', json)).toThrow(/^OLLAMA_HEADERS: /)
      expect(() => modelAddress('http://host', json)).not.toThrow(/CANARY/)
    },
  )

  test('nothing between the scheme and the last @ is shown', () =>
    expect(['http://a:b@c', 'http://a:b@x@c/d', 'a@c', 'http://c'].map(withoutCredentials)).toEqual([
      'http://c',
      'http://c/d',
      'c',
      'http://c',
    ]))
})
