import { describe, expect, test } from 'vitest'
import { CLOSE } from '#contracts/frames'
import { ChatClient } from './client.ts'
import { device, twoNodes } from './fake/device.ts'
import { FakeNode, on } from './fake/node.ts'
import { FakeStore } from './fake/store.ts'
import { until } from './fake/until.ts'

describe('a node dies', () => {
  test('the other takes over, nothing is missed', async () => {
    await using lab = await twoNodes()
    await using ann = await device('ann', [lab.a, lab.b])
    await using bob = await device('bob', [lab.b])
    await bob.client.send('ann', 'before')
    await lab.a[Symbol.asyncDispose]()
    await bob.client.send('ann', 'meanwhile')
    await until('ann is with im-b', () => ann.log.includes('connected im-b again'))
    await until('ann caught up', () => ann.client.atHead)
    await bob.client.send('ann', 'after')
    await until('ann has all', () => ann.shown.length === 3)
    expect(ann.shown).toEqual(['before', 'meanwhile', 'after'])
    expect(ann.client.counters.reconnects).toBe(1)
  })

  test('in the middle of a send, before it was read: the retry carries the same id', async () => {
    await using lab = await twoNodes()
    await using ann = await device('ann', [lab.a, lab.b])
    lab.a.script = on('send', (_frame, peer) => peer.socket.terminate())
    expect(await ann.client.send('bob', 'once')).toMatchObject({ state: 'stored', seq: 1, attempts: 2 })
    expect(lab.a.got('send')[0]?.clientMessageId).toBe(lab.b.got('send')[0]?.clientMessageId)
  })

  test('after the commit, before `stored`: one message, one seq', async () => {
    await using lab = await twoNodes()
    await using ann = await device('ann', [lab.a, lab.b])
    lab.a.script = on('send', (frame, peer, node) => {
      node.store.save(peer.user, frame)
      peer.socket.terminate()
    })
    expect(await ann.client.send('bob', 'once')).toMatchObject({ state: 'stored', seq: 1 })
    await until('ann shows it', () => ann.shown.length > 0 && ann.client.atHead)
    expect(ann.shown).toEqual(['once'])
  })

  test('all of them: what is written meanwhile goes out once one is back', async () => {
    const store = new FakeStore()
    const all: FakeNode[] = []
    const first = await FakeNode.start('im-a', store, all)
    const { port } = first
    await using ann = await device('ann', [first])
    await first[Symbol.asyncDispose]()
    await until('ann knows', () => !ann.client.online)
    const sent = ann.client.send('bob', 'patience')
    await using _again = await FakeNode.start('im-a', store, all, port)
    expect(await sent).toMatchObject({ state: 'stored', seq: 1, attempts: 1 })
  })
})

describe('a node says goodbye', () => {
  test.each([
    ['normally', 1000],
    ['going away', 1001],
    ['with an internal error', 1011],
    ['too slow a reader', CLOSE.slowReader],
    ['auth timeout', CLOSE.authTimeout],
    ['malformed, once', CLOSE.malformed],
    ['too big, once', 1009],
  ])('%s: the next node takes over', async (_name, code) => {
    await using lab = await twoNodes()
    await using ann = await device('ann', [lab.a, lab.b])
    lab.a.closeAll(code)
    await until('ann is with im-b', () => ann.log.includes('connected im-b again'))
    expect(ann.log).toContain(`disconnected ${code}`)
  })

  test('token refused: a fresh one, at the same node', async () => {
    await using lab = await twoNodes()
    lab.a.script = on('auth', (_frame, peer, node) => {
      peer.socket.close(CLOSE.unauthenticated)
      node.script = () => false // Only the first.
    })
    await using _ann = await device('ann', [lab.a, lab.b])
    expect(lab.a.logins).toBe(2)
    expect(lab.a.got('auth').map(frame => frame.token)).toEqual(['ann.1', 'ann.2'])
  })

  test('a token that expires in mid-connection is renewed', async () => {
    await using lab = await twoNodes()
    await using ann = await device('ann', [lab.a])
    lab.a.broadcast({ type: 'error', code: 'TOKEN_EXPIRED', detail: '', fatal: true })
    lab.a.closeAll(CLOSE.unauthenticated)
    await until('ann is back', () => ann.client.counters.reconnects === 1)
    expect(lab.a.logins).toBe(2)
  })

  const refuse = (code: number) => (node: FakeNode) => {
    node.script = on('auth', (_frame, peer) => peer.socket.close(code, 'because'))
  }
  const refuseLogin = (node: FakeNode) => {
    node.loginStatus = 401
  }
  test.each([
    ['fresh tokens refused', refuse(CLOSE.unauthenticated), 'UNAUTHENTICATED'],
    ['the origin forbidden', refuse(CLOSE.forbiddenOrigin), 'FORBIDDEN_ORIGIN'],
    ['malformed again and again', refuse(CLOSE.malformed), 'PROTOCOL'],
    ['a wrong secret', refuseLogin, 'UNAUTHENTICATED'],
  ])('%s: the client gives up, and says why', async (_name, spoil, code) => {
    await using lab = await twoNodes()
    spoil(lab.a)
    await expect(device('ann', [lab.a])).rejects.toMatchObject({ name: 'ChatError', code })
    expect(lab.a.logins).toBeLessThanOrEqual(2)
  })

  test('no node answers: the error names the nodes and the last obstacle', async () => {
    const options = { nodes: ['http://127.0.0.1:1'], user: 'ann', secret: 's', tuning: { connectWithinMs: 60, backoffBaseMs: 5 } }
    await expect(ChatClient.connect(options)).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: /127\.0\.0\.1:1.*(ECONNREFUSED|bad port)/,
    })
  })
})

describe('a node misbehaves', () => {
  test.each([
    ['no JSON', '{"type":'],
    ['an unknown type', '{"type":"surprise"}'],
    ['a field too many', '{"type":"pong","x":1}'],
    ['a negative seq', '{"type":"head","heads":{"a":-1}}'],
    ['null', 'null'],
    ['bytes', Buffer.from([1, 2, 3])],
    ['more than a frame may hold', `"${'x'.repeat(1_100_000)}"`],
  ])('garbage (%s): reported, and the next node takes over', async (_name, garbage) => {
    await using lab = await twoNodes()
    await using ann = await device('ann', [lab.a, lab.b])
    for (const peer of lab.a.peers) peer.socket.send(garbage)
    await until('ann is with im-b', () => ann.log.includes('connected im-b again'))
    if (garbage.length < 1_000_000) expect(ann.log).toContain('trouble BAD_SERVER_FRAME')
  })

  test('never ready: the next node takes over', async () => {
    await using lab = await twoNodes()
    lab.a.script = on('auth', () => {})
    await using ann = await device('ann', [lab.a, lab.b], { tuning: { readyWithinMs: 30 } })
    expect(ann.client.node).toBe('im-b')
  })

  test('silent: noticed by the heartbeat', async () => {
    await using lab = await twoNodes()
    await using ann = await device('ann', [lab.a, lab.b], { tuning: { heartbeatMs: 20, heartbeatTimeoutMs: 30 } })
    // A paused socket answers no ping, like a stopped process or a dead line.
    for (const peer of lab.a.peers) peer.socket.pause()
    await until('ann is with im-b', () => ann.log.includes('connected im-b again'))
  })
})

test('an aborted signal ends the client', async () => {
  await using lab = await twoNodes()
  const stop = new AbortController()
  await using ann = await device('ann', [lab.a], { signal: stop.signal })
  stop.abort()
  await until('closed', () => ann.log.includes('closed '))
  await until('the node saw it', () => lab.a.peers.size === 0)
})
