import { expect, test } from 'vitest'
import type { EventOf, HistoryEvent } from '#evidence/history'
import { demoHour } from '../../scenarios/experiment/hour/hour.ts'
import { fittingSeconds } from '../../scenarios/experiment/hour/pace.ts'
import { armSeen } from '../../scenarios/experiment/hour/seen.ts'
import { armState } from '../../scenarios/experiment/hour/state.ts'
import { progressOf } from './plain.ts'

const user = (index: number) => ({ user: `user-${index}`, device: `user-${index}`, clientMessageId: `m${index}` })
const send = (index: number, atMs: number): HistoryEvent => ({ kind: 'send', atMs, dueMs: atMs, to: 'robot', ...user(index) })
const run = (times: Partial<EventOf<'inference'>>): HistoryEvent => ({
  kind: 'inference',
  atMs: 1_010,
  task: 'a',
  attempt: 1,
  worker: 'worker-fast',
  outcome: 'running',
  ...times,
})
const seen = (...events: HistoryEvent[]) => {
  const workers = ['worker-fast', 'worker-slow'].map(name => ({ name, prefetchTasks: 2, slots: 1 }))
  const clock = { hourMs: 6_000, timeScale: 60, firstMs: 60 }
  return armSeen({ sequenced: true, robot: 'robot', attemptsMax: 3, workers, events }, 'prefetch 2', ['one', 'two'], 'bot.tasks', clock)
}

test('an arm as its history tells it so far: times of the recorder become times of the hour', () => {
  const stored: HistoryEvent = { kind: 'stored', atMs: 1_001, conversation: '', seq: 1, task: 'a', ...user(0) }
  const asked = [run({ task: 'warm-up', startedAtMs: 900 }), send(0, 1_001), send(1, 1_002), stored]
  expect(seen(run({ startedAtMs: 1_001 }))).toBeUndefined()
  expect(seen(...asked, run({}))?.tasks).toEqual([{ arrivedAtMs: 60 }, { arrivedAtMs: 120 }])
  const begun = [...asked, run({ heldMs: 6, startedAtMs: 1_010 })]
  const looked: HistoryEvent[] = [
    { kind: 'held', atMs: 1_012, worker: 'worker-fast', held: 1, running: 1 },
    { kind: 'held', atMs: 1_012, worker: 'worker-slow', held: 2, running: 1 },
    { kind: 'queue', atMs: 1_012, queue: 'bot.tasks', ready: 3, consumers: 2 },
    { kind: 'queue', atMs: 1_012, queue: 'bot.dead', ready: 9, consumers: 0 },
  ]
  const arm = seen(...begun, ...looked)!
  expect(arm.tasks[0]).toEqual({ arrivedAtMs: 60, gpu: 0, deliveredAtMs: 240, startedAtMs: 600 })
  expect(armState(arm, 720)).toMatchObject({ ready: 3, waiting: 1, gpus: [{ holds: 0 }, { holds: 1 }] })
  // A second attempt elsewhere: she had begun to get an answer at the first.
  const again = { attempt: 2, worker: 'worker-slow', atMs: 1_030, startedAtMs: 1_030, endedAtMs: 1_040, outcome: 'done' as const }
  expect(seen(...begun, run(again))?.tasks[0]).toEqual({ arrivedAtMs: 60, gpu: 1, deliveredAtMs: 240, startedAtMs: 600, endedAtMs: 2_400 })
})

test('nothing is seen after the end of the hour, nor before its beginning', () => {
  const stored: HistoryEvent = { kind: 'stored', atMs: 1_001, conversation: '', seq: 1, task: 'a', ...user(0) }
  const looks = [900, 1_050, 1_101].map((atMs): HistoryEvent => ({ kind: 'queue', atMs, queue: 'bot.tasks', ready: 1, consumers: 2 }))
  expect(seen(send(0, 1_001), stored, run({ startedAtMs: 1_090, endedAtMs: 1_200 }), ...looks)).toMatchObject({
    tasks: [{ startedAtMs: 5_400 }],
    samples: [{ atMs: 3_000 }],
  })
  expect(seen(send(0, 1_001), stored, run({ startedAtMs: 1_101 }))?.tasks).toEqual([{ arrivedAtMs: 60 }])
})

test('the hour takes as long as the machine needs, and no longer than anybody watches', () => {
  const hour = demoHour({ seed: 1, load: 0.8, prefetchTasks: 250, hourMs: 3_600_000 })
  const seconds = (gapMs: number) => fittingSeconds(hour, gapMs, 60)
  expect([0, 1].map(seconds)).toEqual([60, 60])
  expect(seconds(7)).toBeGreaterThan(75)
  expect(seconds(7)).toBeLessThan(150)
  expect(seconds(1_000)).toBe(180)
  expect(fittingSeconds(hour, 1_000, 600)).toBe(600)
})

test('progress: what starts, each tenth of the hour, and why it takes longer', () => {
  const lines: string[] = []
  const step = progressOf(1_000, line => lines.push(line))
  const arm = { title: 'prefetch 2', gpus: [], tasks: [] }
  const pace = { seconds: 90, timeScale: 40, gapMs: 7.25 }
  const hour = demoHour({ seed: 1, load: 0.8, prefetchTasks: 2, hourMs: 60_000 })
  step({ doing: 'paced', pace, hour, again: true })
  step({ doing: 'starting', title: 'prefetch 2' })
  step({ doing: 'paced', pace, hour, again: false })
  for (const nowMs of [50, 120, 130, 450]) step({ doing: 'measuring', arm: 0, nowMs, measured: arm })
  step({ doing: 'measured', arm: 0, nowMs: 1_000, measured: arm })
  expect(lines).toEqual([
    '7.3 ms between two answers here: the hour takes 90 s; again',
    'a lab for prefetch 2 starts …',
    expect.stringMatching(/0:00 {2}prefetch 2 +0 messages ready/),
    expect.stringMatching(/0:00 {2}prefetch 2 +0 messages ready/),
  ])
})
