import { describe, expect, test } from 'vitest'
import type { EventOf, History, HistoryEvent } from '../history.ts'
import { wrongAddressee } from './delivery.ts'
import { owedDevices } from './devices.ts'
import { allAnswered } from './tasks.ts'

/** Ann asks on one device, and has others that come and go. */

const history = (sequenced: boolean, ...events: HistoryEvent[]): History => ({
  events: [...events, { kind: 'rest', atMs: 1_000, ended: 'rest', lastSeen: 'nothing left to do' }],
  sequenced,
  robot: 'URobot',
  workers: [],
  attemptsMax: 0,
})
const online = (device: string, atMs: number, user = 'ann'): HistoryEvent => ({ kind: 'online', atMs, user, device, node: 'im-a' })
const offline = (device: string, atMs: number): HistoryEvent => ({ kind: 'offline', atMs, user: 'ann', device })
const asked: HistoryEvent[] = [
  { kind: 'send', atMs: 100, user: 'ann', device: 'ann.1', to: 'URobot', clientMessageId: 'q' },
  { kind: 'stored', atMs: 101, user: 'ann', device: 'ann.1', clientMessageId: 'q', conversation: 'c', seq: 1, task: 't' },
]
const answered = (device: string, more: Partial<EventOf<'shown'>> = {}): HistoryEvent => ({
  kind: 'shown',
  atMs: 200,
  user: 'ann',
  device,
  conversation: 'c',
  seq: 2,
  sender: 'URobot',
  to: 'ann',
  clientMessageId: 'a',
  task: 't',
  answered: true,
  ...more,
})
const both = [online('ann.1', 0), online('ann.3', 0), ...asked]

describe('all-answered asks for the answer on', () => {
  test.each<[string, boolean, HistoryEvent[], 'pass' | 'fail']>([
    ['both devices: both showed it', true, [...both, answered('ann.1'), answered('ann.3')], 'pass'],
    ['both devices: one did not', true, [...both, answered('ann.1')], 'fail'],
    ['both devices, without sequences too', false, [...both, answered('ann.3')], 'fail'],
    ['both devices: one showed an apology', true, [...both, answered('ann.1'), answered('ann.3', { answered: false })], 'fail'],
    ['one that comes later, which resumes', true, [online('ann.1', 0), ...asked, answered('ann.1'), online('ann.3', 300)], 'fail'],
    ['none that comes later, where nobody resumes', false, [online('ann.1', 0), ...asked, answered('ann.1'), online('ann.3', 300)], 'pass'],
    ['one that comes back', true, [...both, offline('ann.3', 150), answered('ann.1'), online('ann.3', 300)], 'fail'],
    ['none that has left for good', true, [...both, offline('ann.3', 150), answered('ann.1')], 'pass'],
    ['one that leaves when the arm is over', true, [...both, answered('ann.1'), offline('ann.3', 1_001)], 'fail'],
    ['any, when all have left', true, [...both, offline('ann.1', 300), offline('ann.3', 150)], 'fail'],
  ])('%s', (_, sequenced, events, verdict) => expect(allAnswered.judge(history(sequenced, ...events)).verdict).toBe(verdict))
})

test('owed devices: none that never came', () => {
  expect(owedDevices(history(true, ...both))('ann', 100)).toEqual(['ann.1', 'ann.3'])
  expect(owedDevices(history(true, ...asked))('ann', 100)).toEqual([])
})

test('wrong-addressee: the asker decides whose answer it is; unknown ones are not counted', () => {
  const stranger = answered('bob.1', { user: 'bob' })
  expect(wrongAddressee.judge(history(false, ...asked, answered('ann.1')))).toMatchObject({
    verdict: 'pass',
    judged: { count: 1 },
  })
  expect(wrongAddressee.judge(history(false, ...asked, answered('ann.1'), stranger)).verdict).toBe('fail')
  expect(wrongAddressee.judge(history(false, answered('ann.1'))).verdict).toBe('unknown')
})
