import { describe, expect, test } from 'vitest'
import type { Finding, Verdict } from './finding.ts'
import type { History, HistoryEvent } from './history.ts'
import { judgeArm, judgeRun } from './judge.ts'
import { tooNoisy } from './noise.ts'
import { breach, type Check } from './verdict.ts'

const REST: HistoryEvent = { kind: 'rest', atMs: 9, ended: 'rest', lastSeen: 'nothing left to do' }
const HISTORY: History = { events: [REST], sequenced: true, robot: 'URobot', workers: [], attemptsMax: 3 }
const WITNESS: HistoryEvent = { kind: 'measured', atMs: 1 }
const says = (name: string, verdict: Verdict, witnesses: HistoryEvent[] = verdict === 'fail' ? [WITNESS] : []): Check => ({
  name,
  claim: '',
  judge: (): Finding => ({
    name,
    claim: '',
    verdict,
    breaches: verdict === 'fail' ? [breach('gap', {}, ...witnesses)] : [],
    found: 0,
    limits: [],
  }),
})
const claim = (...checks: Check[]) => judgeArm(HISTORY, checks, { name: 'arm', role: 'claim' }).verdict
const control = (checks: Check[], mayBreak: string[] = []) =>
  judgeArm(HISTORY, checks, { name: 'arm', role: 'control', breaks: 'named', mayBreak })

describe('a claim arm', () => {
  test.each([
    ['passes when every check passes', ['pass', 'pass'], 'pass'],
    ['fails when one fails, whatever the others say', ['pass', 'unknown', 'fail'], 'fail'],
    ['is unknown when one is', ['pass', 'unknown'], 'unknown'],
    ['is unknown when nothing judged it', [], 'unknown'],
  ] as const)('%s', (_, verdicts, expected) => expect(claim(...verdicts.map((v, i) => says(`c${i}`, v)))).toBe(expected))
})

describe('a control', () => {
  test('breaks when its named check fails with a witness', () => {
    expect(control([says('named', 'fail'), says('other', 'pass'), says('third', 'unknown')]).verdict).toBe('broke')
  })
  test.each([
    ['its check passes', [says('named', 'pass')]],
    ['its check cannot tell', [says('named', 'unknown')]],
    ['its check is not there', [says('other', 'fail')]],
    ['its check has no witness', [says('named', 'fail', [])]],
    ['something else breaks too', [says('named', 'fail'), says('other', 'fail')]],
  ])('is unknown when %s', (_, checks) => expect(control(checks).verdict).toBe('unknown'))
  test('may break the checks on its list', () => {
    expect(control([says('named', 'fail'), says('other', 'fail')], ['other']).verdict).toBe('broke')
  })
})

describe('an arm that was not what it should have been proves nothing', () => {
  const events: [string, HistoryEvent][] = [
    [
      'a setting that the part does not show',
      { kind: 'setting', atMs: 0, part: 'worker-fast', setting: 'workerPrefetchTasks', expected: '250', seen: '1' },
    ],
    ['a fault without proof', { kind: 'fault', atMs: 0, part: 'gpu-slow', action: 'down' }],
  ]
  test.each(events)('%s', (_, event) => {
    const history = { ...HISTORY, events: [event, REST] }
    expect(judgeArm(history, [says('named', 'fail')], { name: 'arm', role: 'control', breaks: 'named' }).verdict).toBe('unknown')
    expect(judgeArm(history, [says('c', 'pass')], { name: 'arm', role: 'claim' }).verdict).toBe('unknown')
    expect(judgeArm(history, [says('c', 'fail')], { name: 'arm', role: 'claim' }).verdict).toBe('fail')
  })
})

test('a run passes only if every claim arm passed and every control broke', () => {
  const arm = (role: 'claim' | 'control', verdict: 'pass' | 'broke' | 'fail' | 'unknown') => ({ role, verdict })
  expect(judgeRun([arm('claim', 'pass'), arm('control', 'broke')])).toBe('pass')
  expect(judgeRun([arm('claim', 'pass'), arm('control', 'unknown')])).toBe('unknown')
  expect(judgeRun([arm('claim', 'unknown'), arm('control', 'broke')])).toBe('unknown')
  expect(judgeRun([arm('claim', 'fail'), arm('control', 'unknown')])).toBe('fail')
  expect(judgeRun([arm('control', 'pass')])).toBe('unknown')
  expect(judgeRun([])).toBe('unknown')
})

test('noise: what is timed is doubted when others are busy all along, or loud in too many seconds', () => {
  const seconds = (...foreign: number[]) => ({
    ...HISTORY,
    events: foreign.map((foreignCpuPercent, atMs): HistoryEvent => ({ kind: 'noise', atMs, foreignCpuPercent, timerLateP99Ms: 12 })),
  })
  const quiet = Array.from({ length: 19 }, () => 2)
  expect(tooNoisy(seconds(...quiet))).toBeUndefined()
  expect(tooNoisy(seconds(...quiet, 80))).toBeUndefined() // One of twenty.
  expect(tooNoisy(seconds(2, 2, 80))).toMatchObject({ code: 'noise', values: { worstPercent: 80 } })
  expect(tooNoisy(seconds(...quiet.map(() => 20)))).toEqual({ code: 'noise', values: { meanPercent: 20, worstPercent: 20 } })
})
