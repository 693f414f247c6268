import { expect, test } from 'vitest'
import { type Asked, refusalOf } from './guard.ts'

const OWN = { port: 20_500, token: 'a-token-of-the-lab' }
const fine: Asked = {
  method: 'POST',
  path: '/act',
  host: '127.0.0.1:20500',
  origin: 'http://127.0.0.1:20500',
  fetchSite: 'same-origin',
  contentType: 'application/json',
  authorization: 'Bearer a-token-of-the-lab',
}
const code = (change: Partial<Asked>) => refusalOf({ ...fine, ...change }, OWN)?.code

test('the page itself may act, by either name of this machine; a command without an origin too', () => {
  expect(refusalOf(fine, OWN)).toBeUndefined()
  expect(code({ host: 'localhost:20500', origin: 'http://localhost:20500' })).toBeUndefined()
  expect(code({ origin: undefined, fetchSite: undefined })).toBeUndefined()
  expect(code({ method: 'GET', path: '/state', contentType: undefined })).toBeUndefined()
})

test.each<[string, Partial<Asked>, string]>([
  ['no token', { authorization: undefined }, 'WRONG_TOKEN'],
  ['another token', { authorization: 'Bearer a-token-of-the-lax' }, 'WRONG_TOKEN'],
  ['a longer token', { authorization: `${fine.authorization}x` }, 'WRONG_TOKEN'],
  ['a page elsewhere', { origin: 'https://evil.example' }, 'OTHER_ORIGIN'],
  ['a page of another port', { origin: 'http://127.0.0.1:8080' }, 'OTHER_ORIGIN'],
  ['a file, or a sandboxed frame', { origin: 'null' }, 'OTHER_ORIGIN'],
  ['the other name of this machine', { origin: 'http://localhost:20500' }, 'OTHER_ORIGIN'],
  ['another site, by the browser', { origin: undefined, fetchSite: 'cross-site' }, 'OTHER_ORIGIN'],
  ['another port, by the browser', { origin: undefined, fetchSite: 'same-site' }, 'OTHER_ORIGIN'],
  ['a name that now leads here', { host: 'evil.example:20500', origin: 'http://evil.example:20500' }, 'WRONG_HOST'],
  ['a name without port', { host: '127.0.0.1' }, 'WRONG_HOST'],
  ['no name', { host: undefined }, 'WRONG_HOST'],
  ['a form', { contentType: 'application/x-www-form-urlencoded' }, 'NOT_JSON'],
  ['text that looks like JSON', { contentType: 'text/plain' }, 'NOT_JSON'],
  ['an act as a look', { method: 'GET' }, 'WRONG_METHOD'],
  ['an unknown path', { path: '/acts' }, 'UNKNOWN_PATH'],
])('%s is refused', (_, change, expected) => expect(code(change)).toBe(expected))

test('the page and its health need no token, but the right name', () => {
  for (const path of ['/', '/readyz']) {
    const bare: Partial<Asked> = {
      method: 'GET',
      path,
      origin: undefined,
      fetchSite: 'none',
      contentType: undefined,
      authorization: undefined,
    }
    expect(code(bare)).toBeUndefined()
    expect(code({ ...bare, host: 'evil.example' })).toBe('WRONG_HOST')
  }
})
