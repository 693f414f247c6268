import { expect, test } from 'vitest'
import { redacted, secretsOf } from './redact.ts'

const PROMPT = 'My doctor says "it is\nserious", and I am afraid: what now, 我應該怎麼告訴我的家人這件事情?'
const KEY = 'sk-live-0123456789abcdef'
const SECRETS = secretsOf('http://bot:p%40ss-word@host/private-path/v1?key=query-key', {
  authorization: `Bearer ${KEY}`,
  'x-team': 'red',
  'proxy-authorization': `Basic ${btoa('ann:swordfish')}`,
})

test.each<[how: string, text: string, shown: string]>([
  ['an error of its own', 'CUDA error: out of memory', 'CUDA error: out of memory'],
  ['the whole prompt', `cannot parse: ${PROMPT}`, 'cannot parse: [hidden]'],
  ['its beginning', `cannot parse: ${PROMPT.slice(0, 20)}…`, 'cannot parse: [hidden]…'],
  ['its middle', `near "says ${PROMPT.slice(24, 50)}"`, 'near "says [hidden]"'],
  ['in another case', `BAD: ${PROMPT.slice(30, 50).toUpperCase()}`, 'BAD: [hidden]'],
  ['as JSON', `body: ${JSON.stringify({ prompt: PROMPT })}`, 'body: {"prompt":"[hidden]"}'],
  ['in ASCII', `body: "${'我應該怎麼'.replace(/./g, c => `\\u${c.charCodeAt(0).toString(16)}`)}"`, 'body: "[hidden]"'],
  ['in an address', `GET /?q=${encodeURIComponent(PROMPT)}`, 'GET /?q=[hidden]'],
  ['words of it', 'I am afraid', 'I am afraid'],
  ['a token', `invalid key ${KEY}`, 'invalid key [hidden]'],
  ['a shortened token', `invalid key ${KEY.slice(0, 12)}…`, 'invalid key [hidden]…'],
  ['a password of headers', 'user ann, password swordfish', 'user ann, password [hidden]'],
  ['a password of the address', 'no user bot with p@ss-word (p%40ss-word)', 'no user bot with [hidden] ([hidden])'],
  ['a key of the address', 'no route /private-path/v1?key=query-key', 'no route [hidden]'],
  ['a short header', 'the red one', 'the red one'],
])('an error that holds %s', (_how, text, shown) => expect(redacted(text, SECRETS, PROMPT)).toBe(shown))

test('the key of ollama.com is a secret too', () => {
  expect(redacted('unauthorized: key ollama-0123456789', secretsOf('https://ollama.com', {}, 'ollama-0123456789'))).toBe(
    'unauthorized: key [hidden]',
  )
})
