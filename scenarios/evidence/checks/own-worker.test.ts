import { describe, expect, test } from 'vitest'
import type { History, HistoryEvent } from '../history.ts'
import type { Check } from '../verdict.ts'
import {
  acksAfterAnswer,
  answerConfirmed,
  endsWhenAsked,
  holdsAtMost,
  keepsHeartbeat,
  poisonEnds,
  reconnects,
  settlesWhereDelivered,
  taskAnswered,
} from './own-worker.ts'

const place = { connection: 1, channel: 1 }
const at = (atMs: number) => ({ atMs })
const sent = (task: string, poison = false): HistoryEvent => ({ kind: 'task-sent', ...at(0), task, poison })
const delivered = (task: string, tag: number, held = 1, atMs = 10): HistoryEvent => ({
  kind: 'delivered',
  ...at(atMs),
  ...place,
  tag,
  task,
  redelivered: false,
  held,
})
const settled = (task: string, tag: number, more: Partial<Extract<HistoryEvent, { kind: 'settled' }>> = {}): HistoryEvent => ({
  kind: 'settled',
  ...at(40),
  ...place,
  tag,
  task,
  verb: 'ack',
  requeue: false,
  known: 'yes',
  ...more,
})
const answer = (task: string): HistoryEvent[] => [
  { kind: 'answer-published', ...at(20), ...place, task },
  { kind: 'answer-confirmed', ...at(30), ...place, task },
  { kind: 'answer-received', ...at(31), task, good: true, begins: '{' },
]
const left = (task: string, where: Extract<HistoryEvent, { kind: 'task-left' }>['where']): HistoryEvent => ({
  kind: 'task-left',
  ...at(90),
  task,
  where,
})
const silence = (longestMs: number, heartbeatMs = 2_000): HistoryEvent => ({
  kind: 'silence',
  ...at(80),
  connection: 1,
  heartbeatMs,
  longestMs,
})

/** A worker that does all well. */
const GOOD = [sent('a'), delivered('a', 1), ...answer('a'), settled('a', 1)]

function codes(check: Check, events: readonly HistoryEvent[]): string[] | string {
  const history: History = { sequenced: true, robot: 'URobot', workers: [], attemptsMax: 3, events }
  const { verdict, breaches } = check.judge(history)
  return verdict === 'fail' ? breaches.map(({ code }) => code) : verdict
}

const without = (...kinds: HistoryEvent['kind'][]) => GOOD.filter(({ kind }) => !kinds.includes(kind))

describe('a good worker passes, and what was not tried is unknown', () => {
  test.each([taskAnswered, acksAfterAnswer, answerConfirmed, settlesWhereDelivered, holdsAtMost(1)])('$name', check =>
    expect([codes(check, GOOD), codes(check, [])]).toEqual(['pass', 'unknown']),
  )
  test.each([poisonEnds(5), reconnects(10), endsWhenAsked(10), keepsHeartbeat])('$name', check =>
    expect(codes(check, GOOD)).toBe('unknown'),
  )
})

test('a task without an answer, and an answer that nobody can read', () => {
  const unread: HistoryEvent = { kind: 'answer-received', ...at(31), task: '', good: false, begins: 'hello' }
  expect(codes(taskAnswered, [...without('answer-received'), left('a', 'gone')])).toEqual(['task-unanswered'])
  expect(codes(taskAnswered, [...without('answer-received'), unread])).toEqual(['answer-unreadable', 'task-unanswered'])
})

test('acknowledged before, without, or by the sending alone', () => {
  const early = [sent('a'), delivered('a', 1), settled('a', 1, { atMs: 15 }), ...answer('a')]
  expect(codes(acksAfterAnswer, early)).toEqual(['acked-early'])
  expect(codes(acksAfterAnswer, without('answer-published'))).toEqual(['acked-unanswered'])
  expect(codes(acksAfterAnswer, [sent('a'), settled('a', 1, { verb: 'automatic' })])).toEqual(['acked-automatically'])
})

test('acknowledged before the confirm, or without one', () => {
  expect(codes(answerConfirmed, without('answer-confirmed'))).toEqual(['acked-unconfirmed'])
  expect(codes(answerConfirmed, [...without('settled'), settled('a', 1, { atMs: 25 })])).toEqual(['acked-unconfirmed'])
})

test('more than its prefetch', () => {
  expect(codes(holdsAtMost(2), [delivered('a', 1, 1), delivered('b', 2, 2)])).toBe('pass')
  expect(codes(holdsAtMost(2), [delivered('a', 1, 3), delivered('b', 2, 9)])).toEqual(['held-too-many'])
  // The broker gave it one more when it dead-lettered a task.
  expect(codes(holdsAtMost(2), [delivered('a', 1, 3), left('p', 'dead-lettered')])).toBe('pass')
  expect(codes(holdsAtMost(2), [delivered('a', 1, 4), left('p', 'dead-lettered')])).toEqual(['held-too-many'])
})

test('settled on another channel, or twice', () => {
  expect(codes(settlesWhereDelivered, [settled('', 1, { known: 'no' })])).toEqual(['settled-elsewhere'])
  expect(codes(settlesWhereDelivered, [settled('', 1, { known: 'twice' })])).toEqual(['settled-twice'])
})

test('a poison: dead in time, acknowledged, nacked for ever, never dead', () => {
  const poison = (times: number, verb: 'reject' | 'nack') =>
    Array.from({ length: times }, (_, i) => [delivered('p', i, 1), settled('p', i, { verb, requeue: true })]).flat()
  const check = poisonEnds(2)
  expect(codes(check, [sent('p', true), ...poison(3, 'reject'), left('p', 'dead-lettered')])).toBe('pass')
  expect(codes(check, [sent('p', true), ...poison(1, 'nack'), ...poison(1, 'reject'), left('p', 'dead-lettered')])).toBe('pass')
  expect(codes(check, [sent('p', true), delivered('p', 1), settled('p', 1)])).toEqual(['poison-acked'])
  expect(codes(check, [sent('p', true), ...poison(3, 'nack'), left('p', 'dead-lettered')])).toEqual(['poison-nacked'])
  expect(codes(check, [sent('p', true), ...poison(9, 'reject'), left('p', 'dead-lettered')])).toEqual(['poison-lives'])
  expect(codes(check, [sent('p', true), ...poison(1, 'reject'), left('p', 'held-by-the-worker')])).toEqual(['poison-lives'])
})

test('back in time, late, or not at all', () => {
  const cut: HistoryEvent[] = [{ kind: 'way-open', ...at(100) }]
  const consumes = (atMs: number): HistoryEvent => ({ kind: 'consumes', ...at(atMs), ...place, automatic: false })
  const check = reconnects(50)
  expect(codes(check, [consumes(1), ...cut, consumes(150)])).toBe('pass')
  expect(codes(check, [consumes(1), ...cut, consumes(151)])).toEqual(['not-reconnected'])
  expect(codes(check, [consumes(1), ...cut, { kind: 'ended-unasked', ...at(200) }])).toEqual(['ended-without-way'])
})

test('ends late; silent for long; without a heartbeat', () => {
  expect(codes(endsWhenAsked(100), [{ kind: 'asked-to-end', ...at(1), tookMs: 100 }])).toBe('pass')
  expect(codes(endsWhenAsked(100), [{ kind: 'asked-to-end', ...at(1), tookMs: 101 }])).toEqual(['ended-late'])
  expect(codes(keepsHeartbeat, [silence(1_100)])).toBe('pass')
  expect(codes(keepsHeartbeat, [silence(4_000)])).toEqual(['heartbeat-missed'])
  expect(codes(keepsHeartbeat, [silence(10, 0)])).toEqual(['heartbeat-off'])
})
