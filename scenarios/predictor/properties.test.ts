import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  idealSchedule,
  type ModelTask,
  type ModelWorker,
  overtakesOf,
  predict,
  predictSchedule,
  type Schedule,
  strandedPercent,
} from './index.ts'

const workerArbitrary = fc.record({
  prefetchTasks: fc.integer({ min: 0, max: 5 }),
  slots: fc.integer({ min: 1, max: 3 }),
  priority: fc.integer({ min: 0, max: 2 }),
  batching: fc.constantFrom([1], [1, 1.8, 2.5], [1, 2, 3]),
  connectedMs: fc.option(fc.integer({ min: 0, max: 40 }), { nil: undefined }),
})

/** Some workers, some tasks, a gap. */
const caseArbitrary = fc.array(workerArbitrary, { minLength: 1, maxLength: 4 }).chain(settings => {
  const workers = settings.map(({ connectedMs, ...rest }, index): ModelWorker => {
    return { name: `w${index}`, ...rest, ...(connectedMs === undefined ? {} : { connectedMs }) }
  })
  const times = fc.tuple(...workers.map(() => fc.integer({ min: 1, max: 30 })))
  const task = fc.record({ publishedMs: fc.integer({ min: 0, max: 60 }), serviceMs: times })
  const tasks = fc.array(task, { maxLength: 40 }).map(drawn => drawn.map((one, index): ModelTask => ({ id: `t${index}`, ...one })))
  return fc.record({ workers: fc.constant(workers), tasks, gapMs: fc.constantFrom(0, 0, 1, 7) })
})

const rising = (values: readonly number[]) => values.every((value, index) => index === 0 || values[index - 1]! <= value)

/** Sums of milliseconds differ in the last bit; the model counts nanoseconds. */
const nanoseconds = (ms: number) => Math.round(ms * 1e6)

/** Most placements of a worker between two times at once; ends before starts. */
function mostAtOnce(own: Schedule, from: 'sentMs' | 'startedMs', to: (p: Schedule[number]) => number): number {
  const edges = own.flatMap(p => [
    { atNs: nanoseconds(p[from]), step: 1 },
    { atNs: nanoseconds(to(p)), step: -1 },
  ])
  edges.sort((a, b) => a.atNs - b.atNs || a.step - b.step)
  let [now, most] = [0, 0]
  for (const { step } of edges) {
    now += step
    most = Math.max(most, now)
  }
  return most
}

describe.each(['dispatched', 'ideal'] as const)('any schedule, %s', kind => {
  const every = (check: (schedule: Schedule, tasks: ModelTask[], workers: ModelWorker[], gapMs: number) => void) =>
    fc.assert(
      fc.property(caseArbitrary, ({ tasks, workers, gapMs }) => {
        const schedule = kind === 'ideal' ? idealSchedule(tasks, workers) : predictSchedule(tasks, workers, { gapMs })
        check(schedule, tasks, workers, kind === 'ideal' ? 0 : gapMs)
      }),
      { numRuns: 150 },
    )

  test('runs every task once, in the order of its steps', () =>
    every((schedule, tasks) => {
      expect(schedule.map(p => p.task).sort()).toEqual(tasks.map(t => t.id).sort())
      for (const p of schedule) expect(rising([p.publishedMs, p.sentMs, p.deliveredMs, p.startedMs, p.endedMs])).toBe(true)
    }))

  test('takes as long as the GPU needs, at least', () =>
    every((schedule, tasks, workers) => {
      for (const p of schedule) {
        const service = tasks.find(t => t.id === p.task)!.serviceMs[workers.findIndex(w => w.name === p.worker)]!
        const alone = (workers.find(w => w.name === p.worker)!.slots ?? 1) === 1
        if (alone) expect(p.endedMs - p.startedMs).toBeCloseTo(service, 6)
        else expect(p.endedMs - p.startedMs).toBeGreaterThanOrEqual(service - 1e-5)
      }
    }))

  test('never exceeds slots or prefetch, and uses no worker before it connects', () =>
    every((schedule, _, workers, gapMs) => {
      for (const { name, slots = 1, prefetchTasks, connectedMs = 0 } of workers) {
        const own = schedule.filter(p => p.worker === name)
        expect(mostAtOnce(own, 'startedMs', p => p.endedMs)).toBeLessThanOrEqual(slots)
        const window = kind === 'ideal' ? slots : prefetchTasks || Number.POSITIVE_INFINITY
        expect(mostAtOnce(own, 'sentMs', p => p.endedMs + gapMs / 2)).toBeLessThanOrEqual(window)
        for (const p of own) expect(p.sentMs).toBeGreaterThanOrEqual(connectedMs)
      }
    }))

  test('hands out in the order of publishing, and a worker starts in the order of delivery', () =>
    every((schedule, _, workers) => {
      expect(rising(schedule.map(p => p.sentMs))).toBe(true)
      for (const { name } of workers) expect(rising(schedule.filter(p => p.worker === name).map(p => p.startedMs))).toBe(true)
    }))

  test('strands between 0 and 100 % of the capacity', () =>
    every((schedule, tasks, workers) => {
      const { hoarding, roundTrip } = strandedPercent(schedule, tasks, workers)
      expect(hoarding).toBeGreaterThanOrEqual(0)
      expect(roundTrip).toBeGreaterThanOrEqual(0)
      expect(hoarding + roundTrip).toBeLessThanOrEqual(100 + 1e-9)
    }))
})

test('the ideal schedule starts in order and is work-conserving: nobody waits while a slot is idle', () => {
  fc.assert(
    fc.property(caseArbitrary, ({ tasks, workers }) => {
      const ideal = idealSchedule(tasks, workers)
      expect(rising(ideal.map(p => p.startedMs))).toBe(true)
      for (const waiting of ideal.filter(p => p.startedMs > p.publishedMs)) {
        for (const { name, slots = 1, connectedMs = 0 } of workers) {
          if (connectedMs >= waiting.startedMs) continue
          // Just before it started, every connected GPU was full.
          const running = ideal.filter(p => p.worker === name && p.startedMs < waiting.startedMs && p.endedMs >= waiting.startedMs)
          expect(running.length).toBeGreaterThanOrEqual(slots)
        }
      }
      // A window for each slot, so that idle slots count.
      const unhurried = workers.map(w => ({ ...w, prefetchTasks: 0 }))
      expect(strandedPercent(ideal, tasks, unhurried)).toEqual({ hoarding: 0, roundTrip: 0 })
    }),
    { numRuns: 150 },
  )
})

test('overtakes are what counting all pairs gives', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 60 }), times => {
      const counted = times.map((own, index) => times.slice(index + 1).filter(later => later < own).length)
      expect(overtakesOf(times)).toEqual(counted)
    }),
  )
})

test('the same input gives the same prediction', () => {
  fc.assert(
    fc.property(caseArbitrary, ({ tasks, workers, gapMs }) => {
      expect(predict(tasks, workers, { gapMs })).toEqual(predict(tasks, workers, { gapMs }))
    }),
    { numRuns: 30 },
  )
})
