import { expect, test } from 'vitest'
import type { HistoryEvent } from '../history.ts'
import { allAnswered, answeredOnce, conservation } from './tasks.ts'
import { slots } from './workers.ts'

const ids = { user: 'ann', device: 'ann.1' }
/** A prompt that a model answered, and one, a poison, whose asker saw an apology. */
const EVENTS = (['good', 'poison'] as const).flatMap((name): HistoryEvent[] => {
  const [task, conversation, isGood] = [`task-${name}`, `of-${name}`, name === 'good']
  const answer = { conversation, seq: 2, sender: 'URobot', to: 'ann', clientMessageId: `re-${name}`, task, answered: isGood }
  return [
    { kind: 'send', atMs: 1, ...ids, to: 'URobot', clientMessageId: name },
    { kind: 'stored', atMs: 2, ...ids, clientMessageId: name, conversation, seq: 1, task },
    ...(isGood ? [] : [{ kind: 'marked' as const, atMs: 2, task, as: 'poison' as const }]),
    ...(isGood ? [1] : [1, 2, 3]).map((attempt): HistoryEvent => {
      const run = { kind: 'inference' as const, atMs: 3, task, attempt, worker: 'w' }
      return isGood ? { ...run, startedAtMs: 4, endedAtMs: 5, outcome: 'done' } : { ...run, outcome: 'failed' }
    }),
    { kind: 'shown', atMs: 6, ...ids, ...answer },
    {
      kind: 'task-row',
      atMs: 9,
      task,
      conversation,
      seq: 1,
      asker: 'ann',
      state: isGood ? 'answered' : 'failed',
      attempts: isGood ? 1 : 3,
    },
    ...(isGood ? [] : [{ kind: 'dead' as const, atMs: 9, task }]),
  ]
})
const workers = [{ name: 'w', prefetchTasks: 1, slots: 1 }]
const HISTORY = { events: EVENTS, sequenced: true, robot: 'URobot', workers, attemptsMax: 3 }

test('each count names what it counts: no two can be confused', () => {
  expect([answeredOnce, conservation, allAnswered, slots].map(check => check.judge(HISTORY))).toMatchObject([
    { verdict: 'pass', judged: { count: 2, of: 'tasks-with-an-answer-or-apology' } },
    { verdict: 'pass', judged: { count: 2, of: 'tasks-in-the-database' } },
    { verdict: 'pass', judged: { count: 1, of: 'prompts-that-a-model-can-answer' } },
    { verdict: 'pass', judged: { count: 1, of: 'inferences-begun' } },
  ])
})

test('an answer and an apology to one task are two ends of it', () => {
  const again = EVENTS.flatMap(event =>
    event.kind === 'shown' && event.task === 'task-good' ? [event, { ...event, answered: false }] : [event],
  )
  expect(answeredOnce.judge({ ...HISTORY, events: again })).toMatchObject({
    verdict: 'fail',
    breaches: [{ code: 'ended-twice', values: { device: 'ann.1', ends: 2, task: 'task-good' } }],
  })
})
