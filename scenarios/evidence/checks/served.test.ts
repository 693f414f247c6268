import { expect, test } from 'vitest'
import { countedMeasures } from '../counted.ts'
import type { History, HistoryEvent } from '../history.ts'
import { promptsOf } from '../schedule.ts'
import { everyPromptServed } from './served.ts'
import { answeredWithin, startedWithin } from './slo.ts'

const send = (clientMessageId: string, to: string, atMs = 0): HistoryEvent => ({
  ...{ kind: 'send', atMs, user: 'ann', device: 'ann.1', to, clientMessageId },
})
const about = (task: string) => ({ user: 'ann', clientMessageId: task, task })
const pushed = (task: string): HistoryEvent[] => [send(task, 'balancer'), { kind: 'pushed', atMs: 0, ...about(task) }]
const pushEnded = (task: string, answered: boolean, result: string, atMs = 100): HistoryEvent => ({
  ...{ kind: 'push-ended', atMs, ...about(task), answered, asked: [{ server: 'gpu-fast', result }] },
})
const stored = (task: string): HistoryEvent[] => [
  send(task, 'URobot'),
  { kind: 'stored', atMs: 1, user: 'ann', device: 'ann.1', clientMessageId: task, conversation: 'c', seq: 1, task },
]
const shown = (task: string, answered: boolean, atMs = 100): HistoryEvent => ({
  ...{ kind: 'shown', atMs, user: 'ann', device: 'ann.1', conversation: 'c', seq: 2, sender: 'URobot', to: 'ann' },
  ...{ clientMessageId: `re-${task}`, task, answered },
})
const inference = (task: string, startedAtMs: number): HistoryEvent => ({
  ...{ kind: 'inference', atMs: 0, task, attempt: 1, worker: 'w', startedAtMs, endedAtMs: startedAtMs + 10, outcome: 'done' },
})
const rest = (ended: 'rest' | 'deadline' = 'rest'): HistoryEvent => ({ kind: 'rest', atMs: 900, ended, lastSeen: '' })
const history = (...events: HistoryEvent[]): History => ({ events, sequenced: true, robot: 'URobot', workers: [], attemptsMax: 3 })

test.each<[what: string, events: HistoryEvent[], verdict: string, code: string | undefined, unserved: number | undefined]>([
  ['pushed and answered', [...pushed('t'), pushEnded('t', true, 'answered')], 'pass', undefined, 0],
  ['pushed, an error', [...pushed('t'), pushEnded('t', false, 'cut')], 'fail', 'error-seen', 1],
  ['pushed, no end', pushed('t'), 'fail', 'no-answer', 1],
  ['pushed, the end of another one', [...pushed('t'), pushEnded('u', true, 'answered')], 'fail', 'no-answer', 1],
  ['stored and answered', [...stored('t'), shown('t', true)], 'pass', undefined, 0],
  ['stored, an apology', [...stored('t'), shown('t', false)], 'fail', 'only-apology', 1],
  ['stored, an apology and then the answer', [...stored('t'), shown('t', false), shown('t', true)], 'pass', undefined, 0],
  ['stored, no end', stored('t'), 'fail', 'no-answer', 1],
  ['refused by a node', [send('t', 'URobot')], 'fail', 'no-answer', 1],
  ['a message to a person', [send('t', 'bob')], 'unknown', undefined, undefined],
])('served: %s', (_what, events, verdict, code, unserved) => {
  const found = everyPromptServed.judge(history(...events, rest()))
  expect([found.verdict, found.breaches[0]?.code]).toEqual([verdict, code])
  expect(countedMeasures(history(...events))['promptsUnserved']).toBe(unserved)
})

test('what has no end yet may get one: without rest it is unknown', () =>
  expect(everyPromptServed.judge(history(...pushed('t'), rest('deadline'))).verdict).toBe('unknown'))

test('an error names the servers that were asked and the result of each', () => {
  const [found] = everyPromptServed.judge(history(...pushed('t'), pushEnded('t', false, 'HTTP 500'), rest())).breaches
  expect(found?.values).toEqual({ user: 'ann', message: 't', error: 'HTTP 500 by gpu-fast' })
})

test('pushed prompts are measured and judged in time as stored ones are', () => {
  const both = [pushed('t'), stored('t')].map((events, i) => {
    const end = i === 0 ? pushEnded('t', true, 'answered') : shown('t', true)
    return history(...events, inference('t', 50), end, rest())
  })
  for (const one of both) {
    expect(promptsOf(one)).toMatchObject([{ task: 't', askedMs: 0, startedMs: 50 }])
    const verdicts = [startedWithin(50), startedWithin(49), answeredWithin(100), answeredWithin(99)].map(check => check.judge(one).verdict)
    expect(verdicts).toEqual(['pass', 'fail', 'pass', 'fail'])
  }
})
