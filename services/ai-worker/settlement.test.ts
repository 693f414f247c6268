import { expect, test } from 'vitest'
import { type Failure, settlement } from './settlement.ts'

const back = (verb: 'reject' | 'nack', refund: boolean) => ({ action: 'requeue', verb, refund })

test.each<[Failure['kind'], attempt: number, attemptsMax: number, retryVerb: 'reject' | 'nack', expected: object]>([
  ['failed', 1, 3, 'reject', back('reject', false)],
  ['failed', 2, 3, 'nack', back('nack', false)],
  ['failed', 3, 3, 'reject', { action: 'give-up' }],
  ['failed', 4, 3, 'reject', { action: 'give-up' }],
  ['failed', 1_000, 0, 'nack', back('nack', false)],
  ['empty', 3, 3, 'reject', { action: 'give-up' }],
  ['empty', 1, 3, 'reject', back('reject', false)],
  ['server-down', 3, 3, 'reject', back('nack', true)],
  ['stopped', 3, 3, 'reject', back('nack', true)],
])('%s at attempt %i of %i, %s', (kind, attempt, attemptsMax, retryVerb, expected) => {
  expect(settlement({ kind, detail: '' }, { attempt, attemptsMax, retryVerb })).toEqual(expected)
})
