import { describe, expect, test } from 'vitest'
import { DEFAULT_PLAN } from '#lab'
import { withModelServers } from './model-server-options.ts'

const given = (texts: string[], env = {}) => withModelServers(DEFAULT_PLAN, { ollama: texts, openai: [] }, env).gpus
const urls = (...texts: string[]) => given(texts).map(gpu => gpu.url)

describe('where each model server goes', () => {
  test.each<[string[], (string | undefined)[]]>([
    [[], [undefined, undefined]],
    [['http://a:1'], ['http://a:1', undefined]],
    [['http://a:1=gpu-slow'], [undefined, 'http://a:1']],
    [
      ['http://a:1', 'http://b:1'],
      ['http://a:1', 'http://b:1'],
    ],
    [
      ['http://a:1', 'http://a:1'],
      ['http://a:1', 'http://a:1'],
    ],
    [
      ['http://a:1', 'http://b:1=gpu-fast'],
      ['http://b:1', 'http://a:1'],
    ],
    [['http://bot:x=y@a:1=gpu-slow'], [undefined, 'http://a:1']],
    [['localhost'], ['http://localhost:11434', undefined]],
  ])('%j', (texts, expected) => expect(urls(...texts)).toEqual(expected))

  test.each([
    [['http://a:1=gpu-third'], /expected a name for each of gpu-fast, gpu-slow, got "gpu-third"/],
    [['http://a:1=gpu-fast', 'http://b:1=gpu-fast'], /expected one URL for each/],
    [['http://a:1', 'http://b:1', 'http://bot:CANARY@c:1'], /at most 2, .* got "http:\/\/c:1"/],
    [['http://'], /expected http:\/\/HOST:PORT/],
  ])('%j is refused', (texts, what) => expect(() => urls(...texts)).toThrow(what))
})

test('headers and certificates go with their server alone', () => {
  const env = { OLLAMA_HEADERS: '{"x-key":"k"}', NODE_EXTRA_CA_CERTS: '/etc/ca.pem' }
  expect(given(['https://a'], env)).toEqual([
    { ...DEFAULT_PLAN.gpus[0], url: 'https://a', headers: { 'x-key': 'k' }, certificates: '/etc/ca.pem' },
    DEFAULT_PLAN.gpus[1],
  ])
  expect(given(['http://a'], env)[0]).not.toHaveProperty('certificates')
})

test('a server of the other API: its worker asks in that one, with its key', () => {
  const asked = { ollama: ['http://a:1'], openai: ['http://b:8000/v1'] }
  const { gpus, partSettings } = withModelServers(DEFAULT_PLAN, asked, { MODEL_API_KEY: 'sk-key' })
  expect(gpus).toMatchObject([{ url: 'http://a:1' }, { url: 'http://b:8000', headers: { authorization: 'Bearer sk-key' } }])
  expect(gpus[0]).not.toHaveProperty('headers')
  expect(partSettings).toEqual({ 'worker-slow': { modelApi: 'openai' } })
})
