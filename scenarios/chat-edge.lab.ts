import { createHmac, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { CLOSE, ServerFrame } from '#contracts/frames'
import { type Lab, startLab } from '#lab'

/** What an IM node refuses without harm. Raw sockets: our clients would not send this. */
let lab: Lab
const LIMITS = {
  authDeadlineMs: 400,
  userFramesPerSecond: 20,
  userConnectionsMax: 3,
  originAllowed: ['http://good.example'],
  tokenLifetimeSeconds: 60,
}
beforeAll(async () => {
  lab = await startLab({ imNodes: ['im-a'], gpus: [], workers: [], settings: LIMITS })
})
afterAll(() => lab[Symbol.asyncDispose]())

const http = (path: string, init?: RequestInit) => fetch(new URL(path, lab.url('im-a')), init)

async function login(user: string, secret = lab.secret): Promise<Response> {
  return http('/login', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ user, secret }) })
}
const token = async (user: string) => ((await (await login(user)).json()) as { token: string }).token

/** A socket that writes down every frame and how it ended. */
async function raw(headers: Record<string, string> = {}) {
  const socket = new WebSocket(new URL('/chat', lab.url('im-a').replace('http', 'ws')), { headers })
  const frames: ServerFrame[] = []
  const ended = new Promise<number>(resolve => socket.on('close', resolve))
  socket.on('message', text => frames.push(ServerFrame.parse(JSON.parse(text.toString()))))
  const opened = new Promise<string>(resolve => {
    socket.on('open', () => resolve('open'))
    socket.on('error', error => resolve(error.message))
  })
  const send = (frame: unknown) => socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame))
  return { socket, frames, ended, opened: await opened, send, end: () => socket.terminate() }
}

async function authenticated(user: string, own?: string) {
  const device = await raw()
  device.send({ type: 'auth', version: 1, token: own ?? (await token(user)) })
  await lab.until('ready or refused', () => device.frames[0]?.type ?? '', { is: type => type !== '', withinMs: 60_000 })
  return device
}

const errors = (device: { frames: ServerFrame[] }) => device.frames.flatMap(frame => (frame.type === 'error' ? [frame.code] : []))
const message = (body: string) => ({ type: 'send', clientMessageId: randomUUID(), to: 'bob', body })

test('names of any script: a message between them arrives, and one name in two spellings is one user', async () => {
  const seen: string[] = []
  const wei = await lab.client('张伟')
  await lab.client('Jose\u0301', { on: { message: ({ body }) => seen.push(body) } })
  expect(await wei.send('Jos\u00e9', '你好')).toMatchObject({ state: 'stored', seq: 1 })
  await lab.until('it arrives', () => seen, { equals: ['你好'], withinMs: 60_000 })
  expect((await login('a\u202eb')).status).toBe(400)
})

test('a wrong secret, a body that is not a login, the robot: 401, 400, 400', async () => {
  const statuses = [await login('ann', 'wrong'), await http('/login', { method: 'POST', body: '{' }), await login('URobot')].map(
    r => r.status,
  )
  expect(statuses).toEqual([401, 400, 400])
})

const forged = (claims: string, key: string) => {
  const text = Buffer.from(claims).toString('base64url')
  return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`
}
test.each([
  ['forged', () => forged('{"sub":"ann","exp":9999999999}', 'guessed')],
  ['not even one', () => 'abc'],
  ['with signed rubbish', () => forged('not json', 'guessed')],
])('a token that is %s: closed, and no history', async (_, make) => {
  const device = await authenticated('ann', make())
  expect([await device.ended, ...errors(device)]).toEqual([CLOSE.unauthenticated, 'UNAUTHENTICATED'])
  expect((await http('/history?with=bob', { headers: { authorization: `Bearer ${make()}` } })).status).toBe(401)
})

test('no token in time: closed', async () => {
  const silent = await raw()
  expect([await silent.ended, ...errors(silent)]).toEqual([CLOSE.authTimeout, 'AUTH_TIMEOUT'])
})

test('an origin that is not on the list never gets a socket; one that is does', async () => {
  expect((await raw({ origin: 'http://evil.example' })).opened).toMatch(/403/)
  const good = await raw({ origin: 'http://good.example' })
  expect(good.opened).toBe('open')
  good.end()
})

test.each([
  ['no JSON', '{', CLOSE.malformed],
  ['an unknown frame', { type: 'shout' }, CLOSE.malformed],
  ['a field too many', { type: 'ping', admin: true }, CLOSE.malformed],
  ['an id that is none', { type: 'send', clientMessageId: '1', to: 'bob', body: 'x' }, CLOSE.malformed],
  ['a body with U+0000', message('a\0b'), CLOSE.malformed],
  ['1 MB', { ...message('x'.repeat(1_000_000)) }, 1009],
])('%s: closed with a code, and the node goes on', async (_, frame, code) => {
  const device = await authenticated('ann')
  device.send(frame)
  expect(await device.ended).toBe(code)
  const next = await authenticated('ann')
  expect(next.frames[0]).toMatchObject({ type: 'ready', node: 'im-a' })
  next.end()
})

test('bytes that are not UTF-8, a binary frame, a strange address: closed or refused, and the node goes on', async () => {
  const [utf8, binary] = [await authenticated('ann'), await authenticated('ann')]
  utf8.socket.send(Buffer.from([0xff, 0xfe, 0xfd]), { binary: false })
  binary.socket.send(Buffer.from([1, 2, 3]), { binary: true })
  expect([await utf8.ended, await binary.ended]).toEqual([1007, CLOSE.malformed])
  const strange = new WebSocket(lab.url('im-a').replace('http', 'ws'))
  expect(await new Promise(resolve => strange.on('error', error => resolve(error.message)))).toMatch(/404/)
  expect((await http('/healthz')).status).toBe(200)
})

test('a body of more than 16 KiB is refused, the connection stays', async () => {
  const device = await authenticated('ann')
  device.send(message('x'.repeat(20_000)))
  await lab.until('refused', () => device.frames.find(frame => frame.type === 'refused'), {
    is: frame => frame !== undefined,
    withinMs: 60_000,
  })
  expect(device.frames.find(frame => frame.type === 'refused')).toMatchObject({ code: 'BODY_TOO_LARGE', retryable: false })
  device.end()
})

test('a flood is refused beyond the rate, another user is not', async () => {
  const [flooder, other] = [await authenticated('flooder'), await authenticated('other')]
  for (let i = 0; i < 200; i += 1) flooder.send(message(`${i}`))
  other.send(message('calm'))
  const outcomes = (device: typeof flooder) => device.frames.filter(frame => frame.type === 'stored' || frame.type === 'refused')
  await lab.until('all have an outcome', () => [outcomes(flooder).length, outcomes(other).length], { equals: [200, 1], withinMs: 60_000 })
  const stored = outcomes(flooder).filter(frame => frame.type === 'stored').length
  expect(stored).toBeGreaterThanOrEqual(2 * LIMITS.userFramesPerSecond)
  expect(stored).toBeLessThan(4 * LIMITS.userFramesPerSecond)
  expect(outcomes(flooder).find(frame => frame.type === 'refused')).toMatchObject({ code: 'RATE_LIMITED', retryable: true })
  expect(outcomes(other)[0]?.type).toBe('stored')
  for (const device of [flooder, other]) device.end()
})

test('a flood of cancellations is refused beyond the same rate', async () => {
  const flooder = await authenticated('regretful')
  for (let i = 0; i < 200; i += 1) flooder.send({ type: 'cancel', task: randomUUID() })
  const codes = () => flooder.frames.flatMap(frame => (frame.type === 'refused' ? [frame.code] : []))
  await lab.until('all have an outcome', () => codes().length, { equals: 200, withinMs: 60_000 })
  const looked = codes().filter(code => code === 'UNKNOWN_TASK').length
  expect(looked).toBeGreaterThanOrEqual(2 * LIMITS.userFramesPerSecond)
  expect(looked).toBeLessThan(4 * LIMITS.userFramesPerSecond)
  expect(codes().filter(code => code === 'RATE_LIMITED')).toHaveLength(200 - looked)
  flooder.end()
})

test("one user's connections are capped", async () => {
  const devices = await Promise.all([1, 2, 3].map(() => authenticated('many')))
  const fourth = await authenticated('many')
  expect([await fourth.ended, ...errors(fourth)]).toEqual([CLOSE.tooManyConnections, 'TOO_MANY_CONNECTIONS'])
  for (const device of devices) device.end()
})

test('no user can read the conversation of others: by history, by cursor, by resume', async () => {
  const canary = 'canary-5f2c'
  const [ann, eve] = [await authenticated('ann'), await authenticated('eve')]
  ann.send({ ...message(canary), to: 'bob' })
  await lab.until('stored', () => ann.frames.some(frame => frame.type === 'stored'), { equals: true, withinMs: 60_000 })
  const conversation = ann.frames.find(frame => frame.type === 'stored')?.conversation ?? ''
  eve.send({ type: 'resume', cursors: { [conversation]: 0 }, only: conversation })
  eve.send({ type: 'resume', cursors: {} })
  await lab.until('two heads', () => eve.frames.filter(frame => frame.type === 'head').length, { equals: 2, withinMs: 60_000 })
  const history = await (await http('/history?with=bob', { headers: { authorization: `Bearer ${await token('eve')}` } })).text()
  expect(JSON.stringify(eve.frames) + history).not.toContain(canary)
  expect(JSON.stringify(eve.frames)).not.toContain(conversation)
  expect(await lab.logTail('im-a', 1_000)).not.toContain(canary)
  for (const device of [ann, eve]) device.end()
})

test('an expired token is refused with its reason', async () => {
  await using short = await startLab({ imNodes: ['im-a'], gpus: [], workers: [], settings: { tokenLifetimeSeconds: 1, pingMs: 200 } })
  const answer = await fetch(new URL('/login', short.url('im-a')), {
    method: 'POST',
    body: JSON.stringify({ user: 'ann', secret: short.secret }),
  })
  const { token: own } = (await answer.json()) as { token: string }
  const socket = new WebSocket(new URL('/chat', short.url('im-a').replace('http', 'ws')))
  const codes: string[] = []
  socket.on('message', text => codes.push(JSON.parse(text.toString()).code ?? 'ready'))
  socket.on('open', () => socket.send(JSON.stringify({ type: 'auth', version: 1, token: own })))
  expect(await new Promise(resolve => socket.on('close', resolve))).toBe(CLOSE.unauthenticated)
  expect(codes).toEqual(['ready', 'TOKEN_EXPIRED'])
  const history = await fetch(new URL('/history?with=bob', short.url('im-a')), { headers: { authorization: `Bearer ${own}` } })
  expect([history.status, ((await history.json()) as { error: { code: string } }).error.code]).toEqual([401, 'TOKEN_EXPIRED'])
})
