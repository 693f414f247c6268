import { describe, expect, test } from 'vitest'
import { type ModelWorker, predict, predictSchedule, type Schedule, sameTasks } from './index.ts'

const worker = (name: string, more: Partial<ModelWorker> = {}): ModelWorker => ({ name, prefetchTasks: 1, ...more })
const takers = (schedule: Schedule) => schedule.map(p => p.worker).join(' ')

describe('which worker gets a task', () => {
  test('both connected first: strict alternation, blind to speed', () => {
    const schedule = predictSchedule(sameTasks(6, [1, 100]), [worker('a', { prefetchTasks: 9 }), worker('b', { prefetchTasks: 9 })])
    expect(takers(schedule)).toBe('a b a b a b')
  })

  test('a worker without room is passed over', () => {
    const schedule = predictSchedule(sameTasks(6, [9, 9]), [worker('a', { prefetchTasks: 1 }), worker('b', { prefetchTasks: 9 })])
    expect(takers(schedule)).toBe('a b b b b b')
  })

  test('a backlog goes to the first that connects, up to its prefetch', () => {
    const late = { prefetchTasks: 4, connectedMs: 0 }
    expect(takers(predictSchedule(sameTasks(6, [9, 9]), [worker('a', late), worker('b', late)]))).toBe('a a a a b b')
    const later = worker('a', { ...late, connectedMs: 1 })
    expect(takers(predictSchedule(sameTasks(6, [9, 9]), [later, worker('b', late)]))).toBe('b b b b a a')
  })

  test('a higher consumer priority is served first as long as it has room', () => {
    const workers = [worker('a', { prefetchTasks: 3 }), worker('b', { prefetchTasks: 2, priority: 5 })]
    expect(takers(predictSchedule(sameTasks(5, [9, 9]), workers))).toBe('b b a a a')
  })
})

describe('when it runs', () => {
  test('the gap stands between the end of an inference and the next delivery', () => {
    const schedule = predictSchedule(sameTasks(3, [10]), [worker('a')], { gapMs: 2 })
    expect(schedule.map(p => [p.deliveredMs, p.startedMs, p.endedMs])).toEqual([
      [1, 1, 11],
      [13, 13, 23],
      [25, 25, 35],
    ])
  })

  test('prefetch 2 hides the gap', () => {
    const schedule = predictSchedule(sameTasks(4, [10]), [worker('a', { prefetchTasks: 2 })], { gapMs: 2 })
    expect(schedule.map(p => p.startedMs)).toEqual([1, 11, 21, 31])
  })

  test('no prefetch hides the work around an inference', () => {
    const startsMs = (prefetchTasks: number) =>
      predictSchedule(sameTasks(3, [10]), [worker('a', { prefetchTasks })], { gapMs: 2, occupiedMs: 3 }).map(p => p.startedMs)
    expect(startsMs(1)).toEqual([1, 16, 31])
    expect(startsMs(3)).toEqual([1, 14, 27])
  })

  test('concurrency is slots, not prefetch', () => {
    const [one, two] = [1, 2].map(slots =>
      predictSchedule(sameTasks(2, [10]), [worker('a', { prefetchTasks: 9, slots, batching: [1, 2] })]),
    )
    expect(one!.map(p => p.startedMs)).toEqual([0, 10])
    expect(two!.map(p => p.startedMs)).toEqual([0, 0])
  })

  test('streams share the GPU by the batching curve', () => {
    const batching = [1, 1.6]
    const schedule = predictSchedule(sameTasks(2, [8]), [worker('a', { prefetchTasks: 2, slots: 2, batching })])
    expect(schedule.map(p => p.endedMs)).toEqual([10, 10]) // Each at 0.8 of its speed.
    const apart = [
      { id: 'first', publishedMs: 0, serviceMs: [8] },
      { id: 'second', publishedMs: 4, serviceMs: [8] },
    ]
    const staggered = predictSchedule(apart, [worker('a', { prefetchTasks: 2, slots: 2, batching })])
    // 4 alone, then 4 more at 0.8: until 9; by then the second has 4 of 8, the rest alone.
    expect(staggered.map(p => p.endedMs)).toEqual([9, 13])
  })
})

describe('stranded capacity', () => {
  const both = (prefetchTasks: number) => [worker('fast', { prefetchTasks }), worker('slow', { prefetchTasks })]

  test('hoarding: the fast GPU rests while the slow one holds tasks', () => {
    // Fast ends at 40, slow's second waits until 70: 30 ms stranded of 140 + 140 / 3.5.
    const { strandedPercent } = predict(sameTasks(4, [20, 70]), both(2)).figures
    expect(strandedPercent.hoarding).toBeCloseTo((100 * 30) / 180, 9)
    expect(strandedPercent.roundTrip).toBe(0)
  })

  test('round trip: every gap of prefetch 1 while tasks wait', () => {
    const { strandedPercent, makespanMs } = predict(sameTasks(3, [10]), [worker('only')], { gapMs: 2 }).figures
    expect(makespanMs).toBe(35)
    expect(strandedPercent.hoarding).toBe(0)
    expect(strandedPercent.roundTrip).toBeCloseTo((100 * 5) / 35, 9)
  })

  test('nothing is stranded when nobody waits', () => {
    const tasks = [0, 100, 200].map(publishedMs => ({ id: `at ${publishedMs}`, publishedMs, serviceMs: [20, 70] }))
    expect(predict(tasks, both(250)).figures.strandedPercent).toEqual({ hoarding: 0, roundTrip: 0 })
  })
})

test.each([
  ['no worker', sameTasks(1, []), []],
  ['two workers of one name', sameTasks(1, [1, 1]), [worker('a'), worker('a')]],
  ['a service time of 0', sameTasks(1, [0]), [worker('a')]],
  ['a service time for another worker', sameTasks(1, [1, 1]), [worker('a')]],
  ['half a slot', sameTasks(1, [1]), [worker('a', { slots: 0.5 })]],
  ['a negative prefetch', sameTasks(1, [1]), [worker('a', { prefetchTasks: -1 })]],
])('%s is refused', (_, tasks, workers) => {
  expect(() => predictSchedule(tasks, workers)).toThrow(/expected .* got/)
})
