import { expect, test } from 'vitest'
import type { Inference } from '#contracts/http'
import { fittingSeconds, handOverWithin } from '../../scenarios/experiment/hour/hand-over.ts'
import { demoHour } from '../../scenarios/experiment/hour/hour.ts'
import { LiveArm } from '../../scenarios/experiment/hour/live.ts'
import { armState } from '../../scenarios/experiment/hour/state.ts'
import { progressOf } from './plain.ts'

const ns = (ms: number) => String(Math.round(ms * 1e6))
const inference = (task: string, times: Partial<Inference>): Inference => ({
  index: 0,
  task,
  attempt: 1,
  worker: 'worker-fast',
  model: 'm',
  receivedAtNs: ns(1_000),
  promptTokens: 1,
  answerTokens: 1,
  outcome: 'running',
  ...times,
})

test('a live arm: times of the host become times of the hour', () => {
  const live = new LiveArm('prefetch 2', ['one', 'two'], 1_000, 60)
  live.sent(0, 1_001)
  live.sent(1, 1_002)
  live.stored(0, 'a')
  live.ran(0, inference('warm-up', { startedAtNs: ns(1_001) }))
  live.ran(0, inference('a', {}))
  expect(live.arm.tasks).toEqual([{ arrivedAtMs: 60 }, { arrivedAtMs: 120 }])
  live.ran(0, inference('a', { receivedAtNs: ns(1_010), heldMs: 6, startedAtNs: ns(1_010) }))
  live.sampled(1_012, 3, [0, 1])
  expect(live.arm.tasks[0]).toEqual({ arrivedAtMs: 60, gpu: 0, deliveredAtMs: 240, startedAtMs: 600 })
  expect(armState(live.arm, 720)).toMatchObject({ ready: 3, waiting: 1, gpus: [{ holds: 0 }, { holds: 1 }] })
  // A second attempt elsewhere: she had begun to get an answer at the first.
  live.ran(1, inference('a', { attempt: 2, receivedAtNs: ns(1_030), startedAtNs: ns(1_030), endedAtNs: ns(1_040), outcome: 'done' }))
  expect(live.arm.tasks[0]).toEqual({ arrivedAtMs: 60, gpu: 1, deliveredAtMs: 240, startedAtMs: 600, endedAtMs: 2_400 })
})

test('the hour takes as long as the machine needs, and no longer than anybody watches', () => {
  const hour = demoHour({ seed: 1, load: 0.8, prefetchTasks: 250, hourMs: 3_600_000 })
  const seconds = (handOverMs: number) => fittingSeconds(hour, handOverMs, 60)
  expect([0, 1].map(seconds)).toEqual([60, 60])
  expect(seconds(7)).toBeGreaterThan(75)
  expect(seconds(7)).toBeLessThan(150)
  expect(seconds(1_000)).toBe(180)
  expect(fittingSeconds(hour, 1_000, 600)).toBe(600)
})

test('the hand-over within an hour: only where the next question was there already', () => {
  const run = (arrivedAtMs: number, startedAtMs: number, gpu = 0) => ({ arrivedAtMs, startedAtMs, endedAtMs: startedAtMs + 100, gpu })
  const tasks = [run(0, 0), run(10, 104), run(150, 210), run(400, 400), run(0, 0, 1), { arrivedAtMs: 20, startedAtMs: 105, gpu: 1 }]
  expect(handOverWithin({ title: '', gpus: ['one', 'two'], tasks })).toBe(5)
  expect(handOverWithin({ title: '', gpus: ['one'], tasks: [] })).toBe(0)
})

test('progress: what starts, each tenth of the hour, and why it takes longer', () => {
  const lines: string[] = []
  const step = progressOf(1_000, line => lines.push(line))
  const arm = { title: 'prefetch 2', gpus: [], tasks: [] }
  const pace = { seconds: 90, timeScale: 40, handOverMs: 7.25 }
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
