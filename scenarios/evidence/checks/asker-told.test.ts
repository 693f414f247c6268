import { describe, expect, test } from 'vitest'
import type { History, HistoryEvent } from '../history.ts'
import { askerTold } from './asker-told.ts'

const workers = ['worker-fast', 'worker-slow'].map(name => ({ name, prefetchTasks: 1, slots: 1 }))
const STOP = workers.map(({ name }): HistoryEvent => ({ kind: 'fault', atMs: 0, part: name, action: 'stop', proof: 'gone' }))
const history = (...events: HistoryEvent[]): History => ({
  events: [...STOP, ...events],
  sequenced: true,
  robot: 'URobot',
  workers,
  attemptsMax: 3,
})

/** Asked in turn: the n-th at 100 n, stored 10 ms later. */
const asked = (n: number, atMs = 100 * n): HistoryEvent[] => {
  const about = { user: `u${n}`, device: `u${n}.1`, clientMessageId: `m${n}` }
  return [
    { kind: 'send', atMs, ...about, to: 'URobot' },
    { kind: 'stored', atMs: atMs + 10, ...about, conversation: `c${n}`, seq: 1, task: `t${n}` },
    { kind: 'task-row', atMs: 9_000, task: `t${n}`, ord: n, conversation: `c${n}`, seq: 1, asker: `u${n}`, state: 'answered', attempts: 1 },
  ]
}
const told = (n: number, ahead: number, { atMs = 100 * n + 50, workersOnline = 0 } = {}): HistoryEvent => {
  return { kind: 'waiting', atMs, user: `u${n}`, device: `u${n}.1`, task: `t${n}`, ahead, workersOnline }
}
const begun = (n: number, atMs: number): HistoryEvent => {
  return { kind: 'inference', atMs, task: `t${n}`, attempt: 1, worker: 'worker-fast', startedAtMs: atMs, outcome: 'done' }
}
const three = [...asked(1), ...asked(2), ...asked(3)]

describe('asker-told', () => {
  test.each<[string, HistoryEvent[], string]>([
    ['each hears the right place', [...three, told(1, 0), told(2, 1), told(3, 2)], 'pass'],
    ['one hears a place too early', [...three, told(1, 0), told(2, 1), told(3, 1)], 'fail'],
    ['one hears a place too late', [...three, told(1, 0), told(2, 2), told(3, 2)], 'fail'],
    ['a second telling is wrong', [...three, told(1, 0), told(2, 1), told(3, 2), told(3, 0, { atMs: 400 })], 'fail'],
    ['one hears nothing', [...three, told(1, 0), told(2, 1)], 'fail'],
    ['one hears of a worker', [...asked(1), told(1, 0, { workersOnline: 1 })], 'fail'],
    ['the queue moves again', [...three, told(1, 0), told(2, 1), told(3, 2), begun(1, 500), told(3, 1, { atMs: 550 })], 'pass'],
    ['all hear when the first begins', [...asked(1), begun(1, 140), told(1, 0)], 'unknown'],
    ['the database tells no order', [...asked(1).filter(event => event.kind !== 'task-row'), told(1, 0)], 'unknown'],
    ['nobody asked', [], 'unknown'],
  ])('%s', (_, events, verdict) => expect(askerTold.judge(history(...events)).verdict).toBe(verdict))

  test('of two asked at once either may be in the count', () => {
    const both = [...asked(1), ...asked(2, 105)]
    for (const ahead of [0, 1]) expect(askerTold.judge(history(...both, told(1, 0), told(2, ahead))).verdict).toBe('pass')
    expect(askerTold.judge(history(...both, told(1, 0), told(2, 2))).verdict).toBe('fail')
  })

  test('an answered task is not in the queue; a begun one may be', () => {
    const first = [begun(1, 160), ...asked(1), ...asked(2), told(1, 0)]
    const answer = { user: 'u1', device: 'u1.1', conversation: 'c1', seq: 2, sender: 'URobot', to: 'u1', clientMessageId: 'a1', task: 't1' }
    const answered: HistoryEvent = { kind: 'shown', atMs: 180, ...answer }
    for (const ahead of [0, 1]) expect(askerTold.judge(history(...first, told(2, ahead))).verdict).toBe('pass')
    expect(askerTold.judge(history(...first, answered, told(2, 1))).verdict).toBe('fail')
    expect(askerTold.judge(history(...first, answered, told(2, 0))).verdict).toBe('pass')
  })

  test('without notice while a worker runs', () => {
    const running = history(...asked(1)).events.filter(event => event.kind !== 'fault')
    expect(askerTold.judge({ ...history(), events: running }).verdict).toBe('unknown')
  })
})
