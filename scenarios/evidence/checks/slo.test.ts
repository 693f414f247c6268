import { expect, test } from 'vitest'
import type { History, HistoryEvent } from '../history.ts'
import { answeredWithin, startedWithin } from './slo.ts'

interface Asked {
  user: string
  startedMs?: number
  answeredMs?: number
  answered?: boolean
}

/** Prompts at 0, each begun and answered at these times, if at all. */
function history(...asked: Asked[]): History {
  const events = asked.flatMap(({ user, startedMs, answeredMs, answered = true }): HistoryEvent[] => {
    const about = { user, device: `${user}.1`, clientMessageId: user }
    const run = { task: user, attempt: 1, worker: 'worker-fast', outcome: 'done' as const }
    const shown = { ...about, conversation: user, seq: 2, sender: 'URobot', to: user, task: user, answered }
    return [
      { kind: 'send', atMs: 0, ...about, to: 'URobot' },
      { kind: 'stored', atMs: 1, ...about, conversation: user, seq: 1, task: user },
      ...(startedMs === undefined ? [] : [{ kind: 'inference' as const, atMs: startedMs, startedAtMs: startedMs, ...run }]),
      ...(answeredMs === undefined ? [] : [{ kind: 'shown' as const, atMs: answeredMs, ...shown }]),
    ]
  })
  return { events, sequenced: true, robot: 'URobot', workers: [], attemptsMax: 3 }
}

const IN_TIME: Asked = { user: 'ann', startedMs: 50, answeredMs: 90 }

test.each<[what: string, asked: Asked[], started: string, answered: string]>([
  ['in time', [IN_TIME], 'pass', 'pass'],
  ['at the limit', [{ user: 'ann', startedMs: 100, answeredMs: 100 }], 'pass', 'pass'],
  ['begun in time, answered late', [{ user: 'ann', startedMs: 50, answeredMs: 101 }], 'pass', 'fail'],
  ['begun late', [{ user: 'ann', startedMs: 101, answeredMs: 150 }], 'fail', 'fail'],
  ['never begun', [{ user: 'ann' }], 'fail', 'fail'],
  ['an apology', [{ user: 'ann', startedMs: 50, answeredMs: 60, answered: false }], 'pass', 'fail'],
  ['nobody asked', [], 'unknown', 'unknown'],
])('served within 100 ms: %s', (_what, asked, started, answered) => {
  expect([startedWithin(100), answeredWithin(100)].map(check => check.judge(history(...asked)).verdict)).toEqual([started, answered])
})

test('a share of them, and those of some users alone', () => {
  const asked = history(IN_TIME, { ...IN_TIME, user: 'bob' }, { ...IN_TIME, user: 'eve', startedMs: 500 })
  const verdict = (percent: number) => startedWithin(100, { percent }).judge(asked).verdict
  expect([verdict(66), verdict(67)]).toEqual(['pass', 'fail'])
  expect(startedWithin(100, { of: user => user !== 'eve' }).judge(asked)).toMatchObject({ verdict: 'pass', judged: { count: 2 } })
  expect(startedWithin(100).judge(asked).breaches).toMatchObject([{ values: { user: 'eve', tookMs: 500 } }])
})

test('one that was never served is not a number', () => {
  const [found] = startedWithin(100).judge(history({ user: 'ann' })).breaches
  expect(found).toMatchObject({ code: 'served-never', values: { user: 'ann', inTimePercent: 0 } })
  expect(found?.values).not.toHaveProperty('tookMs')
})
