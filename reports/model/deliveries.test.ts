import { expect, test } from 'vitest'
import type { HistoryEvent } from '#evidence/history'
import { deviceRows, fewerRows, missing } from './deliveries.ts'

const online = (atMs: number, user: string, device: string): HistoryEvent => ({ kind: 'online', atMs, user, device, node: 'im-a' })
const offline = (atMs: number, user: string, device: string): HistoryEvent => ({ kind: 'offline', atMs, user, device })
const send = (atMs: number, id: string): HistoryEvent => ({
  kind: 'send',
  atMs,
  user: 'ann',
  device: 'ann.1',
  to: 'bob',
  clientMessageId: id,
})
const shown = (atMs: number, user: string, device: string, id: string): HistoryEvent => {
  return { kind: 'shown', atMs, user, device, conversation: 'ann~bob', seq: 1, sender: 'ann', to: 'bob', clientMessageId: id }
}

const events = [
  online(0, 'ann', 'ann.1'),
  online(0, 'ann', 'ann.2'),
  online(0, 'bob', 'bob.1'),
  send(10, 'a'),
  shown(12, 'bob', 'bob.1', 'a'),
  shown(14, 'ann', 'ann.2', 'a'),
  offline(20, 'bob', 'bob.1'),
  send(30, 'b'),
  online(50, 'bob', 'bob.1'),
  shown(60, 'bob', 'bob.1', 'b'),
  offline(90, 'bob', 'bob.1'),
  send(95, 'c'),
]
const rows = deviceRows({ sequenced: true, robot: 'URobot', workers: [], attemptsMax: 3, events })
const row = (name: string) => rows.find(each => each.name === name)

test('every device of both users but the sending one', () => expect(rows.map(({ name }) => name)).toEqual(['ann.2', 'bob.1']))

test('a message sent while it was away counts only if it came', () => {
  expect(row('bob.1')?.deliveries).toEqual([
    { tookMs: 2, wasOnline: true },
    { tookMs: 30, wasOnline: false },
  ])
})

test('a message sent while it was online that never came is missing', () => {
  expect(row('ann.2')?.deliveries).toEqual([{ tookMs: 4, wasOnline: true }, { wasOnline: true }, { wasOnline: true }])
  expect(missing(row('ann.2')!)).toBe(2)
})

test('the busiest have rows of their own, the others one together', () => {
  const many = Array.from({ length: 5 }, (_, i) => ({
    name: `d${i}`,
    nodes: ['im-a'],
    deliveries: Array.from({ length: i + 1 }, () => ({ tookMs: 1, wasOnline: true })),
  }))
  const fewer = fewerRows(many, 3)
  expect(fewer.map(({ name, deliveries }) => [name, deliveries.length])).toEqual([
    ['d4', 5],
    ['d3', 4],
    ['3 other devices', 6],
  ])
})
