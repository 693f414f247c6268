import { expect, test } from 'vitest'
import { fullJitterMs } from '#contracts/backoff'
import { closeCodeOfStatus, judge } from './close-policy.ts'

const ending = (code: number) => ({ code, reason: '', cause: 'peer' as const, livedMs: 0 })

test.each([
  [1000, { action: 'retry', leastMs: 0, renewToken: false }],
  [1001, { action: 'retry', leastMs: 0, renewToken: false }],
  [1006, { action: 'retry', leastMs: 0, renewToken: false }],
  [4490, { action: 'retry', leastMs: 0, renewToken: false }],
  [4408, { action: 'retry', leastMs: 0, renewToken: false }],
  [4429, { action: 'retry', leastMs: 2_000, renewToken: false }],
  [4401, { action: 'retry', leastMs: 0, renewToken: true }],
  [4403, { action: 'stop', code: 'FORBIDDEN_ORIGIN' }],
])('a first close with %i', (code, verdict) => {
  expect(judge(ending(code), { unauthenticated: 0, malformed: 0 })).toMatchObject(verdict)
})

test.each([
  [4401, 'UNAUTHENTICATED'],
  [4400, 'PROTOCOL'],
  [1009, 'PROTOCOL'],
])('a second close with %i ends it', (code, stop) => {
  const strikes = { unauthenticated: 0, malformed: 0 }
  expect(judge(ending(code), strikes).action).toBe('retry')
  expect(judge(ending(code), strikes)).toMatchObject({ action: 'stop', code: stop })
})

test('a refused upgrade counts as the close code that means the same', () => {
  expect([401, 403, 429, 404, 503].map(closeCodeOfStatus)).toEqual([4401, 4403, 4429, 1006, 1006])
})

test('the back-off is spread from 0 to a bound that doubles up to its cap', () => {
  const bounds = [0, 1, 2, 3, 60, 5_000].map(attempt => fullJitterMs(attempt, 200, 1_000, () => 1))
  expect(bounds).toEqual([200, 400, 800, 1_000, 1_000, 1_000])
  expect(fullJitterMs(3, 200, 1_000, () => 0)).toBe(0)
})
