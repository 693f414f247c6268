import { describe, expect, test } from 'vitest'
import { type ModelTask, type ModelWorker, sameTasks } from '#predictor'
import { modelHistory } from '../mutants/model-history.ts'
import { fastestFirst, gpusFull } from './slots-in-use.ts'

const CURVE = [1, 1.8, 2.5, 3.1]
const verdict = (check: ReturnType<typeof gpusFull>, tasks: readonly ModelTask[], workers: readonly ModelWorker[]) =>
  check.judge(modelHistory(tasks, workers, { gapMs: 5 })).verdict

describe('gpus-full: sixty prompts at once for a GPU of four slots', () => {
  const burst = sameTasks(60, [50])
  test.each<[what: string, prefetchTasks: number, slots: number, expected: string]>([
    ['prefetch = slots', 4, 4, 'pass'],
    ['a prefetch beyond', 6, 4, 'pass'],
    ['no limit', 0, 4, 'pass'],
    ['prefetch 1: three slots empty', 1, 4, 'fail'],
    ['prefetch 2: two slots empty', 2, 4, 'fail'],
    ['a worker that asks for one at a time', 4, 1, 'fail'],
    ['a worker that asks for more than the GPU has slots', 8, 8, 'pass'],
  ])('%s', (_what, prefetchTasks, slots, expected) => {
    expect(verdict(gpusFull(75), burst, [{ name: 'gpu', prefetchTasks, slots, batching: CURVE }])).toBe(expected)
  })

  test('few prompts say nothing; idle GPUs are judged only while somebody waits', () => {
    const worker = { name: 'gpu', prefetchTasks: 4, slots: 4, batching: CURVE }
    expect(verdict(gpusFull(75), sameTasks(19, [50]), [worker])).toBe('unknown')
    const apart = sameTasks(60, [50]).map((task, i) => ({ ...task, publishedMs: i < 40 ? 0 : 1_000 * i }))
    expect(verdict(gpusFull(75), apart, [worker])).toBe('pass')
  })
})

describe('fastest-first: a prompt every 40 ms, 20 ms on the fast GPU and 70 on the slow one', () => {
  const quiet = sameTasks(50, [20, 70]).map((task, i) => ({ ...task, publishedMs: 40 * i }))
  const pair = (fast: Partial<ModelWorker>, slow: Partial<ModelWorker> = {}): ModelWorker[] => [
    { name: 'worker-fast', prefetchTasks: 1, ...fast },
    { name: 'worker-slow', prefetchTasks: 1, ...slow },
  ]
  test.each<[what: string, workers: ModelWorker[], expected: string]>([
    ['the fast one has priority', pair({ priority: 10 }), 'pass'],
    ['nobody has', pair({}), 'fail'],
    ['both have the same', pair({ priority: 3 }, { priority: 3 }), 'fail'],
    ['the slow one has', pair({}, { priority: 10 }), 'fail'],
  ])('%s', (_what, workers, expected) => {
    expect(verdict(fastestFirst(90, 10), quiet, workers)).toBe(expected)
  })

  test('a burst finds it free once: nothing to judge', () => {
    expect(verdict(fastestFirst(90, 10), sameTasks(50, [20, 70]), pair({ priority: 10 }))).toBe('unknown')
  })

  test('one that has just ended is not free yet', () => {
    expect(verdict(fastestFirst(90, 21), quiet, pair({}))).toBe('unknown')
  })
})
