import { expect, test } from 'vitest'
import { conversationId } from '#contracts/ids'
import { NO_TRAFFIC } from '../workload.ts'
import { castOf, idleDevices, planSends, textOf } from './cast.ts'

const NODES = ['http://a', 'http://b']
const all = () => true

test('pairs across nodes: two who write to each other are in one thread and on two nodes; each user is there once', () => {
  const { devices, senders } = castOf([{ ...NO_TRAFFIC, users: 40 }], NODES, 2, 'robot', all)
  const users = devices.flat().map(({ user }) => user)
  expect([users.length, new Set(users).size, senders[0]!.length]).toEqual([40, 40, 40])
  for (const { thread, from, to } of senders[0]!) {
    const own = devices[thread]!
    const partner = own.find(({ user }) => user === to)
    expect([partner?.nodes, own[from]?.nodes].flat().toSorted()).toEqual(NODES)
  }
  for (const node of NODES) expect(devices.flat().filter(({ nodes }) => nodes[0] === node)).toHaveLength(20)
})

test('pairs on one node share it; both nodes have as many', () => {
  const { devices, senders } = castOf([{ ...NO_TRAFFIC, users: 40, pairs: 'same-node' }], NODES, 2, 'robot', all)
  for (const { thread, from, to } of senders[0]!)
    expect(devices[thread]!.find(({ user }) => user === to)?.nodes).toEqual(devices[thread]![from]?.nodes)
  expect(devices.flat().filter(({ nodes }) => nodes[0] === 'http://a')).toHaveLength(20)
})

test('a conversation is judged for both of its members or for none', () => {
  const chosen = conversationId('user-0-2', 'user-0-3')
  const { devices } = castOf([{ ...NO_TRAFFIC, users: 8 }], NODES, 2, 'robot', id => id === chosen)
  const judged = devices.flat().flatMap(({ user, judged: is }) => (is ? [user] : []))
  expect(judged.toSorted()).toEqual(['user-0-2', 'user-0-3'])
})

test('sends go round the senders, in the order of time, each to its thread', () => {
  const traffic = [
    { ...NO_TRAFFIC, users: 4, bodyBytes: 20 },
    { ...NO_TRAFFIC, kind: 'bot' as const, users: 2, prompts: [{ atMs: 0, text: 'why?' }] },
  ]
  const cast = castOf(traffic, NODES, 2, 'robot', all)
  const sends = planSends(
    cast,
    traffic,
    [
      [1, 2, 3, 4, 5],
      [1.5, 2.5],
    ],
    { threads: 2, measured: true },
  )
  expect(sends.flat()).toHaveLength(7)
  for (const own of sends) expect(own.map(send => send.dueMs)).toEqual(own.map(send => send.dueMs).toSorted((a, b) => a - b))
  expect(sends.flat().filter(({ kind }) => kind === 'bot')).toEqual([
    expect.objectContaining({ to: '', body: 'why?', dueMs: 1.5 }),
    expect.objectContaining({ to: '', body: 'why?', dueMs: 2.5 }),
  ])
  expect(
    sends
      .flat()
      .filter(({ kind }) => kind === 'chat')
      .every(({ body }) => body.length === 20),
  ).toBe(true)
})

test('idle devices are spread over threads and nodes, and are not waited for', () => {
  const devices = idleDevices(100, NODES, 2)
  expect(devices.map(own => own.length)).toEqual([50, 50])
  expect(devices.flat().filter(({ nodes, idle, judged }) => nodes[0] === 'http://a' && idle && !judged)).toHaveLength(50)
  expect(textOf(7, 5)).toBe('messa')
})
