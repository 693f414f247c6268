import { expect, test } from 'vitest'
import type { History, HistoryEvent } from '../history.ts'
import { sendMeasures } from '../sends.ts'
import { storedAfterSilence, storedWithin, toldWithin } from './pause.ts'

const by = { user: 'ann', device: 'ann.1' }
const send = (atMs: number, id: string): HistoryEvent => ({ kind: 'send', atMs, ...by, to: 'bob', clientMessageId: id })
const stored = (atMs: number, id: string): HistoryEvent => ({ kind: 'stored', atMs, ...by, clientMessageId: id, conversation: 'c', seq: 1 })
const retried = (atMs: number, id: string): HistoryEvent => ({ kind: 'retried', atMs, ...by, clientMessageId: id, code: 'NOT_CONFIRMED' })
const killed: HistoryEvent = { kind: 'fault', atMs: 1, part: 'broker-1', action: 'kill', proof: 'ran' }
const history = (...events: HistoryEvent[]): History => ({
  ...{ sequenced: true, robot: 'robot', attemptsMax: 3, workers: [], events: [killed, ...events] },
})
const SLOW = history(send(0, 'a'), stored(20, 'a'), send(10, 'b'), retried(2_010, 'b'), stored(4_010, 'b'))

test('a send is measured to its outcome; what is to be retried is heard earlier', () => {
  expect(storedWithin(5_000).judge(SLOW)).toMatchObject({ verdict: 'pass', limits: [{ value: 4_000 }], judged: { count: 2 } })
  expect(toldWithin(2_500).judge(SLOW)).toMatchObject({ verdict: 'pass', limits: [{ value: 2_000 }] })
  expect(sendMeasures(SLOW)).toMatchObject({ untilStoredP50Ms: 2_010, untilStoredMaxMs: 4_000, untilToldMaxMs: 2_000 })
})

test('one send beyond the limit is a breach, with the send and its outcome', () => {
  const { verdict, breaches } = storedWithin(1_000).judge(SLOW)
  expect(verdict).toBe('fail')
  expect(breaches[0]?.witnesses).toEqual([send(10, 'b'), stored(4_010, 'b')])
  expect(storedAfterSilence(3_999).judge(SLOW).verdict).toBe('fail')
  expect(toldWithin(1_999).judge(SLOW).verdict).toBe('fail')
})

test('without sends there is nothing to judge, and without a fault nothing was silent', () => {
  expect([storedWithin(1).judge(history()).verdict, toldWithin(1).judge(history()).verdict]).toEqual(['unknown', 'unknown'])
  expect(toldWithin(1).judge({ ...SLOW, events: SLOW.events.slice(1) }).verdict).toBe('unknown')
})
