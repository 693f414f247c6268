import { expect, test } from 'vitest'
import { sameTasks } from '#predictor'
import type { History, HistoryEvent } from '../history.ts'
import { modelHistory } from '../mutants/model-history.ts'
import { measuresOf } from '../schedule.ts'
import { letGoMs } from './held-off.ts'

const NAMES = ['worker-fast', 'worker-slow']
const workers = NAMES.map(name => ({ name, prefetchTasks: 1, slots: 1, serviceMs: 20 }))
const fault = (part: string, action: string, atMs: number): HistoryEvent => ({ kind: 'fault', atMs, part, action, proof: 'seen' })
const run = (worker: string, startedAtMs: number): HistoryEvent => {
  const gpu = worker.replace('worker', 'gpu')
  return {
    kind: 'inference',
    atMs: startedAtMs,
    task: 't',
    attempt: 1,
    worker,
    gpu,
    startedAtMs,
    endedAtMs: startedAtMs + 20,
    outcome: 'done',
  }
}
const history = (...events: HistoryEvent[]): History => ({
  events: [{ kind: 'measured', atMs: 100 }, ...events],
  sequenced: true,
  robot: 'URobot',
  workers,
  attemptsMax: 3,
})
const RUNS = [run('worker-fast', 1_000), run('worker-slow', 1_010)]

test('a worker may begin when it and its GPU are both back', () => {
  const backlog = [
    ...NAMES.map(name => fault(name, 'stop', 200)),
    ...['gpu-fast', 'gpu-slow'].map(name => fault(name, 'pause', 300)),
    ...NAMES.map(name => fault(name, 'start', 400)),
    fault('gpu-fast', 'resume', 990),
    fault('gpu-slow', 'resume', 1_020),
  ]
  // The slow one began before its resuming was written down.
  expect(letGoMs(history(...backlog, ...RUNS))).toEqual(
    new Map([
      ['worker-fast', 990],
      ['worker-slow', 1_010],
    ]),
  )
  expect(letGoMs(history(...RUNS))).toEqual(new Map())
  expect(letGoMs(history(fault('worker-fast', 'stop', 10), fault('worker-fast', 'start', 50), ...RUNS))).toEqual(new Map())
  expect(letGoMs(history(fault('gpu-fast', 'faults {}', 200), fault('im-a', 'kill', 300), ...RUNS))).toEqual(new Map())
})

test('a worker that is taken away midway, or never returns, has no such instant', () => {
  expect(letGoMs(history(...RUNS, fault('worker-fast', 'kill', 1_015)))).toBeUndefined()
  expect(letGoMs(history(...RUNS, fault('gpu-slow', 'pause', 1_015), fault('gpu-slow', 'resume', 1_016)))).toBeUndefined()
  expect(letGoMs(history(fault('worker-slow', 'stop', 200), run('worker-fast', 1_000)))).toBeUndefined()
  // All was done.
  expect(letGoMs(history(...RUNS, fault('worker-fast', 'stop', 2_000)))).toEqual(new Map())
  expect(measuresOf(history(...RUNS, fault('worker-fast', 'kill', 1_015)))['strandedRoundTripPercent']).toBeUndefined()
})

test('time in which workers were held back is not idle capacity', () => {
  const tasks = sameTasks(100, [20, 70])
  const model = (connectedMs: number) => {
    const modelled = NAMES.map(name => ({ name, prefetchTasks: 1, slots: 1, ...(connectedMs === 0 ? {} : { connectedMs }) }))
    return modelHistory(tasks, modelled, { gapMs: 5 })
  }
  const burst = measuresOf(model(0))['strandedRoundTripPercent']!
  const backlog = model(500)
  expect(measuresOf(backlog)['strandedRoundTripPercent']).toBeGreaterThan(burst + 10)
  const held = NAMES.flatMap(name => [fault(name, 'stop', -0.5), fault(name, 'start', 500)])
  const told = measuresOf({ ...backlog, events: [...backlog.events, ...held] })
  expect(told['strandedRoundTripPercent']).toBeCloseTo(burst, 0)
  expect(told['idealWaitP95Ms']).toBeGreaterThan(500)
})
