import { expect, test } from 'vitest'
import { type Ended, type History, HistoryEvent } from '../history.ts'
import { judgeArm, unknownByNoise } from '../judge.ts'
import { eventOfVersion1 } from '../store/version-1.ts'
import { breach, check } from '../verdict.ts'

/** How an arm ended, and what its verdict may then be. */

const WITNESS: HistoryEvent = { kind: 'measured', atMs: 1 }
const found = (breaks: boolean) => () => ({
  judged: 1,
  of: 'things',
  breaches: breaks ? [breach('gap', {}, WITNESS)] : [],
})
const CHECKS = {
  'at once': (breaks: boolean) => check('named', '', found(breaks)),
  'in the end': (breaks: boolean) => check('named', '', found(breaks), { needsRest: true }),
  'in time': (breaks: boolean) => check('named', '', found(breaks), { timed: true }),
}
const history = (...events: HistoryEvent[]): History => ({ events, sequenced: true, robot: 'URobot', workers: [], attemptsMax: 3 })
const rest = (ended: Ended): HistoryEvent => ({
  kind: 'rest',
  atMs: 9,
  lastSeen: `seen last at ${ended}`,
  ended,
})
const ofBefore = (reached: boolean, lastSeen: string) => HistoryEvent.parse(eventOfVersion1({ kind: 'rest', atMs: 9, reached, lastSeen }))
const judged = (events: HistoryEvent[], kind: keyof typeof CHECKS, breaks: boolean, role: 'claim' | 'control') =>
  judgeArm(history(...events), [CHECKS[kind](breaks)], { name: 'arm', role, breaks: 'named' })

test.each<[Ended, keyof typeof CHECKS, claimWhole: string, claimBroken: string, controlBroken: string]>([
  ['rest', 'at once', 'pass', 'fail', 'broke'],
  ['rest', 'in the end', 'pass', 'fail', 'broke'],
  ['rest', 'in time', 'pass', 'fail', 'broke'],
  ['own-condition', 'at once', 'unknown', 'fail', 'broke'],
  ['own-condition', 'in the end', 'unknown', 'unknown', 'unknown'],
  ['deadline', 'at once', 'unknown', 'fail', 'unknown'],
  ['deadline', 'in the end', 'unknown', 'unknown', 'unknown'],
  ['deadline', 'in time', 'unknown', 'fail', 'unknown'],
  ['cut-short', 'at once', 'unknown', 'fail', 'unknown'],
  ['cut-short', 'in the end', 'unknown', 'unknown', 'unknown'],
  ['cut-short', 'in time', 'unknown', 'unknown', 'unknown'],
  ['error', 'at once', 'unknown', 'unknown', 'unknown'],
])('ended by %s, a check %s', (ended, kind, claimWhole, claimBroken, controlBroken) => {
  expect(judged([rest(ended)], kind, false, 'claim').verdict).toBe(claimWhole)
  expect(judged([rest(ended)], kind, true, 'claim').verdict).toBe(claimBroken)
  expect(judged([rest(ended)], kind, true, 'control').verdict).toBe(controlBroken)
  if (ended !== 'rest') expect(judged([rest(ended)], kind, false, 'claim').why.values['lastSeen']).toBe(`seen last at ${ended}`)
})

test('an arm that never waited for its end is unknown; of several ends the last one counts', () => {
  expect(judged([], 'at once', false, 'claim').why.code).toBe('not-awaited')
  expect(judged([rest('rest'), rest('cut-short')], 'at once', false, 'claim').verdict).toBe('unknown')
})

test.each([
  [true, 'nothing left to do', 'pass', 'broke'],
  [false, 'ended by its own condition: one task was inferred 100 times', 'unknown', 'broke'],
  [false, '3 ready in bot.tasks', 'unknown', 'unknown'],
  [false, 'every prompt waits: not within 10000 ms (expected 60; last seen: 59)', 'unknown', 'unknown'],
])('a history of before: reached %s, %j', (reached, lastSeen, claimWhole, controlBroken) => {
  expect(judged([ofBefore(reached, lastSeen)], 'in time', false, 'claim').verdict).toBe(claimWhole)
  expect(judged([ofBefore(reached, lastSeen)], 'in time', true, 'control').verdict).toBe(controlBroken)
})

test('an older history shows a script that was cut short', () => {
  const cut = ofBefore(false, 'every prompt waits: not within 10000 ms (expected 60; last seen: 59)')
  expect(judged([cut], 'in time', true, 'claim').verdict).toBe('unknown')
  expect(judged([ofBefore(false, '3 ready in bot.tasks')], 'in time', true, 'claim').verdict).toBe('fail')
})

test('noise excuses only a time or a wait that ran out', () => {
  const noise: HistoryEvent = { kind: 'noise', atMs: 2, foreignCpuPercent: 60, timerLateP99Ms: 12 }
  const unread: HistoryEvent = { kind: 'setting', atMs: 0, part: 'im-a', setting: 'headCheckMs', expected: '1', seen: '2' }
  const excused = (events: HistoryEvent[], kind: keyof typeof CHECKS, breaks: boolean, role: 'claim' | 'control') =>
    unknownByNoise(judged(events, kind, breaks, role))
  expect(excused([noise, rest('rest')], 'in time', true, 'claim')).toBe(true)
  expect(excused([noise, rest('rest')], 'in time', true, 'control')).toBe(true)
  expect(excused([noise, rest('deadline')], 'at once', false, 'claim')).toBe(true)
  expect(excused([noise, rest('cut-short')], 'at once', false, 'control')).toBe(true)
  expect(excused([rest('cut-short')], 'at once', false, 'claim')).toBe(false)
  expect(excused([noise, rest('error')], 'at once', false, 'claim')).toBe(false)
  expect(excused([noise, rest('rest'), unread], 'at once', false, 'claim')).toBe(false)
  expect(excused([noise, rest('rest')], 'at once', false, 'control')).toBe(false)
})
