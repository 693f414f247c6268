import { expect, test } from 'vitest'
import { closedDoor } from '../link/closed-door.ts'
import { askOnce, type Reply } from './ask-once.ts'
import { fakeServer, type Handler, line, ollama, says, send } from './fake-server.ts'

const ASK = { model: 'm:1b', prompt: 'hello', tokens: 9, think: false }
const never = new AbortController().signal
const piece = line({ message: { content: 'Hel' }, done: false })

const CASES: [what: string, chat: Handler, seen: Reply][] = [
  ['an answer', says('Hello ', 'there.'), 'answered'],
  ['refused', (_, response) => send(response, 503, { error: 'busy' }), { failed: 'HTTP 503', began: false }],
  ['an error before any piece', (_, r) => r.end(line({ error: 'out of memory' })), { failed: 'an error in the answer', began: false }],
  ['an error in the answer', (_, r) => r.end(piece + line({ error: 'out of memory' })), { failed: 'an error in the answer', began: true }],
  ['a page of HTML', (_, r) => r.end('<html>\n'), { failed: 'not JSON', began: false }],
  ['no last line', (_, r) => r.end(piece), { failed: 'cut', began: true }],
  ['nothing at all', (_, r) => r.end(), { failed: 'cut', began: false }],
  ['reset before any piece', (_, r) => r.socket?.resetAndDestroy(), { failed: 'ECONNRESET', began: false }],
]
test.each(CASES)('%s', async (_what, chat, seen) => {
  await using server = await fakeServer(ollama({ chat }))
  expect(await askOnce(server, ASK, 5_000, never)).toEqual(seen)
  expect(server.asked[0]?.body).toMatchObject({ model: 'm:1b', think: false, options: { num_predict: 9 } })
})

test('a connection that breaks behind a piece: its user has seen that piece', async () => {
  await using server = await fakeServer(ollama({ chat: (_, r) => void r.write(piece, () => setImmediate(() => r.destroy())) }))
  expect(await askOnce(server, ASK, 5_000, never)).toEqual({ failed: 'cut', began: true })
})

test('no answer in time; the signal of the caller is an error of the caller', async () => {
  await using server = await fakeServer(ollama({ chat: () => undefined }))
  expect(await askOnce(server, ASK, 50, never)).toEqual({ failed: 'no answer in time', began: false })
  await expect(askOnce(server, ASK, 5_000, AbortSignal.abort(new Error('over')))).rejects.toThrow('over')
})

test('a closed door lets nobody in, however often one knocks', async () => {
  await using door = await closedDoor()
  for (let i = 0; i < 3; i += 1) expect(await askOnce({ url: door.url, headers: {} }, ASK, 5_000, never)).toMatchObject({ began: false })
})
