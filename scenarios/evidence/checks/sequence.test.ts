import { expect, test } from 'vitest'
import type { EventOf, History, HistoryEvent } from '../history.ts'
import { sequence } from './sequence.ts'

const history = (...events: HistoryEvent[]): History => ({ events, sequenced: true, robot: 'URobot', workers: [], attemptsMax: 0 })
const row = (seq: number, clientMessageId: string, sender = 'ann'): HistoryEvent => ({
  kind: 'message-row',
  atMs: 900,
  conversation: 'c',
  seq,
  sender,
  clientMessageId,
})
const stored: EventOf<'stored'> = { kind: 'stored', atMs: 1, user: 'ann', device: 'ann.1', clientMessageId: 'm', conversation: 'c', seq: 1 }
const shown: EventOf<'shown'> = { ...stored, kind: 'shown', user: 'bob', device: 'bob.1', sender: 'ann', to: 'bob' }
const rest: HistoryEvent = { kind: 'rest', atMs: 500, ended: 'rest', lastSeen: 'nothing left to do' }

test('a seq stored or shown is the row at that place', () => {
  expect(sequence.judge(history(stored, shown, rest, row(1, 'm'))).verdict).toBe('pass')
  expect(sequence.judge(history(stored, rest)).breaches).toMatchObject([
    { code: 'no-row-there', values: { as: 'stored', message: 'm', sender: 'ann', seq: 1 } },
  ])
  expect(sequence.judge(history(stored, rest)).verdict).toBe('fail')
  expect(sequence.judge(history(shown, rest, row(1, 'other'))).breaches).toMatchObject([
    { code: 'other-row-there', values: { as: 'shown', message: 'm', seq: 1, rowMessage: 'other', rowSender: 'ann' } },
  ])
  expect(sequence.judge(history(shown, rest, row(1, 'm', 'bob'))).verdict).toBe('fail')
})

test('later events are newer than the reading; without sequences there are no places', () => {
  expect(sequence.judge(history(stored, rest, row(1, 'm'), { ...shown, atMs: 600, seq: 2 })).verdict).toBe('pass')
  expect(sequence.judge({ ...history({ ...stored, seq: 0 }, { ...shown, seq: 0 }), sequenced: false }).verdict).toBe('unknown')
})
