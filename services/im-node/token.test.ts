import { expect, test } from 'vitest'
import { equal, Tokens } from './token.ts'

const tokens = new Tokens('a secret of the lab')
const LATER_MS = 1_000_000
const valid = tokens.issue('ann', LATER_MS)

test('a token tells its user until it expires, on every node with the same secret', () => {
  const other = new Tokens('a secret of the lab')
  expect(other.verify(valid, LATER_MS - 1)).toEqual({ ok: true, user: 'ann', expiresAtMs: LATER_MS })
  expect(other.verify(valid, LATER_MS)).toEqual({ ok: false, why: 'TOKEN_EXPIRED' })
})

const [claims = '', signature = ''] = valid.split('.')
const others = Buffer.from(JSON.stringify({ sub: 'eve', exp: 9_999_999_999 })).toString('base64url')
test.each([
  ['another secret', new Tokens('guessed').issue('ann', LATER_MS)],
  ['other claims under the same signature', `${others}.${signature}`],
  ['no signature', `${claims}.`],
  ['claims alone', claims],
  ['three parts', `${valid}.x`],
  ['nothing', ''],
])('%s: not ours', (_, token) => expect(tokens.verify(token, 0)).toEqual({ ok: false, why: 'UNAUTHENTICATED' }))

test('texts are equal or not, of whatever lengths', () => {
  expect([equal('a', 'a'), equal('a', 'b'), equal('a', 'aa'), equal('', '')]).toEqual([true, false, false, true])
})
