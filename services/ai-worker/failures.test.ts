import { describe, expect, test } from 'vitest'
import { type FailureCode, retryAfterMs, sortException, sortStatus } from './failures.ts'

/** Error texts as servers and the proxies before them were reported to send them. */
describe('an error status', () => {
  test.each<[status: number, said: string, isJson: boolean, FailureCode]>([
    [503, 'server busy, please try again.  maximum pending requests exceeded', true, 'busy'],
    [429, 'rate limit reached', true, 'busy'],
    [503, '', false, 'busy'],
    [401, 'unauthorized', true, 'no-access'],
    [403, '', false, 'no-access'],
    [404, 'model "deepseek-r1:8b" not found, try pulling it first', true, 'model-missing'],
    [404, 'nothing here', true, 'not-a-model-server'],
    [404, '404 page not found', false, 'not-a-model-server'],
    [410, '', true, 'model-missing'],
    [405, '', false, 'not-a-model-server'],
    [400, '"nomic-embed-text:latest" does not support chat', true, 'wrong-settings'],
    [400, '"llama3.1:8b" does not support thinking', true, 'wrong-settings'],
    [400, 'the input length exceeds the context length', true, 'too-long'],
    [400, 'the request exceeds the available context size, try increasing it', true, 'too-long'],
    [400, "This model's maximum context length is 4096 tokens", true, 'too-long'],
    [413, '', false, 'too-long'],
    [500, 'prompt is too long: 9000 tokens', true, 'too-long'],
    [500, 'input length exceeds maximum context length', true, 'too-long'],
    [400, 'invalid message content type', true, 'refused'],
    [422, '', true, 'refused'],
    [500, 'llama runner process has terminated: CUDA error: out of memory', true, 'error'],
    [502, '', false, 'error'],
    [504, '', false, 'error'],
  ])('%i %j (JSON: %j): %s', (status, said, isJson, code) => expect(sortStatus(status, said, isJson)).toBe(code))
})

test.each<[code: string, message: string, FailureCode]>([
  ['ECONNREFUSED', 'fetch failed', 'unreachable'],
  ['ENOTFOUND', 'fetch failed', 'unreachable'],
  ['UND_ERR_CONNECT_TIMEOUT', 'fetch failed', 'unreachable'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'fetch failed', 'unreachable'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'fetch failed', 'unreachable'],
  ['ECONNRESET', 'fetch failed', 'error'],
  ['UND_ERR_SOCKET', 'terminated: other side closed', 'error'],
  ['BAD_JSON', 'a line of 12 characters is not JSON', 'error'],
  ['', 'fetch failed: unexpected redirect', 'not-a-model-server'],
  ['', 'Did not receive done or success response in stream.', 'error'],
])('an exception %s %j: %s', (code, message, expected) => expect(sortException(code, message)).toBe(expected))

test('Retry-After: seconds, a date, or nothing that can be read', () => {
  const now = Date.parse('2026-11-28T00:00:00Z')
  const read = (header: string | null) => retryAfterMs(header, now)
  expect([read('3'), read('0'), read('1.5'), read('Sat, 28 Nov 2026 00:01:00 GMT')]).toEqual([3_000, 0, 1_500, 60_000])
  expect([read(null), read(''), read('soon'), read('-5')]).toEqual([undefined, undefined, undefined, undefined])
  expect([read('Fri, 27 Nov 2026 00:00:00 GMT'), read('999999')]).toEqual([0, 3_600_000])
})
