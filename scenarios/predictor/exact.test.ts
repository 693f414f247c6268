import { describe, expect, test } from 'vitest'
import { type ModelWorker, makespanMs, orderOf, predict, type Start } from './index.ts'
import { sameTasks, startedWorkers } from './model-cases.ts'

/** Workers at r = 3.5, unit: the fast service time. All values known or counted by hand. */
const R = 3.5

function run(tasks: number, prefetchTasks: number, kind: 'burst' | 'backlog', times = [1, R]) {
  const start: Start = { kind }
  const { figures, schedule, ideal } = predict(sameTasks(tasks, times), startedWorkers(times.length, { prefetchTasks }, start))
  return { ...figures, byStart: orderOf(schedule.map(p => p.startedMs)), idealMakespanMs: makespanMs(ideal) }
}

describe('500 tasks, prefetch 250', () => {
  test('burst: each worker hoards half', () => {
    const burst = run(500, 250, 'burst')
    expect(burst).toMatchObject({ inversions: 22_268, maxOvertakes: 178, makespanMs: 875, shares: [250, 250], idealMakespanMs: 389 })
    expect(burst.tau).toBeCloseTo(0.643, 3)
    expect(burst.byStart.maxOvertakes).toBe(177)
    expect(burst.byStart.tau).toBeCloseTo(0.646, 3)
  })

  test('burst with prefetch 1: the ideal makespan, and starts in order', () => {
    const burst = run(500, 1, 'burst')
    expect(burst).toMatchObject({ makespanMs: 389, idealMakespanMs: 389, shares: [389, 111] })
    expect(burst.byStart.inversions).toBe(0)
  })

  test('backlog: the first to connect takes the older half', () => {
    expect(run(500, 250, 'backlog').tau).toBeCloseTo(0.859, 3)
    expect(run(500, 250, 'backlog', [R, 1]).tau).toBeCloseTo(0.14, 3)
    expect(run(500, 250, 'backlog', [R, 1]).shares).toEqual([250, 250])
  })

  test('order alone misses hoarding: 250 tasks met by the slow worker first', () => {
    const backlog = run(250, 250, 'backlog', [R, 1])
    expect(backlog).toMatchObject({ inversions: 0, shares: [250, 0], makespanMs: 875 })
    const togetherMs = 250 / (1 + 1 / R) // Both GPUs busy to the end, tasks divisible.
    expect(backlog.makespanMs / togetherMs).toBeCloseTo(1 + R, 9)
  })
})

test('200 tasks, prefetch 100', () => {
  const [burst, fastFirst, slowFirst] = [run(200, 100, 'burst'), run(200, 100, 'backlog'), run(200, 100, 'backlog', [R, 1])]
  expect([burst, fastFirst, slowFirst].map(figures => Math.round(figures.tau * 1_000))).toEqual([643, 861, 136])
  expect([burst, fastFirst, slowFirst].map(figures => figures.maxOvertakes)).toEqual([71, 28, 100])
})

test.each([1.5, 2, 3.5, 10])('a burst within both windows, r = %d: inverted fraction, tau and makespan penalty in closed form', r => {
  const tasks = 4_000
  const burst = run(tasks, 2_000, 'burst', [1, r])
  const inverted = (r - 1) / (4 * r)
  expect(burst.inversions / ((tasks * (tasks - 1)) / 2)).toBeCloseTo(inverted, 3)
  expect(burst.tau).toBeCloseTo(1 - (r - 1) / (2 * r), 3)
  expect(burst.makespanMs / (tasks / (1 + 1 / r))).toBeCloseTo((1 + r) / 2, 9)
})

test.each([10, 100, 250])('many more tasks than 2 x prefetch %d: max overtakes = ceil((r-1) x prefetch) per fast worker', prefetch => {
  expect(run(60 * prefetch, prefetch, 'burst').maxOvertakes).toBe(Math.ceil((R - 1) * prefetch))
  expect(run(60 * prefetch, prefetch, 'burst', [1, 1, R]).maxOvertakes).toBe(2 * Math.ceil((R - 1) * prefetch))
})

test('prefetch 0 hands out everything; a quorum queue stops at 2000', () => {
  const tasks = sameTasks(5_000, [1, R])
  const workers: ModelWorker[] = startedWorkers(2, { prefetchTasks: 0 }, { kind: 'burst' })
  expect(predict(tasks, workers).figures.shares).toEqual([2_500, 2_500])
  expect(predict(tasks, workers, { queueType: 'quorum' }).figures.maxOvertakes).toBeGreaterThan(0)
  const atOnce = predict(tasks, workers, { queueType: 'quorum' }).schedule.filter(p => p.sentMs === 0)
  expect(atOnce).toHaveLength(4_000)
})
