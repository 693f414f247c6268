import fc from 'fast-check'
import { expect, test } from 'vitest'
import { draw } from '#contracts/gpu-timing'
import { type BrokerModel, type ModelTask, type ModelWorker, predictSchedule } from './index.ts'

/** Slots, batching and priority beside a second model that is too simple to be wrong: at each step
 *  it looks at everything anew and moves to whatever happens next. */

interface Held {
  task: number
  place: 'coming' | 'buffered' | 'running' | 'closing' | 'leaving'
  /** Until its next step; of `running` the work that is left, alone on the GPU. */
  leftMs: number
  startedMs: number
}

function bruteForce(tasks: readonly ModelTask[], workers: readonly ModelWorker[], { gapMs = 0, occupiedMs = 0 }: BrokerModel) {
  const held: Held[][] = workers.map(() => [])
  /** Whose turn it is, of those with room. */
  let line = workers.map((_, w) => w)
  const done = tasks.map(() => ({ worker: '', startedMs: 0, endedMs: 0 }))
  let [nowMs, sent] = [0, 0]
  const running = (w: number) => held[w]!.filter(({ place }) => place === 'running').length
  const speed = (w: number) => workers[w]!.batching![running(w) - 1]! / running(w)
  const priority = (w: number) => workers[w]!.priority ?? 0
  for (;;) {
    for (const [w, worker] of workers.entries()) {
      const occupied = () => held[w]!.filter(({ place }) => place === 'running' || place === 'closing').length
      for (const each of held[w]!)
        if (each.place === 'buffered' && occupied() < worker.slots!)
          Object.assign(each, { place: 'running', leftMs: tasks[each.task]!.serviceMs[w]!, startedMs: nowMs })
    }
    for (;;) {
      const next = line.find(w => line.every(other => priority(other) <= priority(w)))
      if (next === undefined || sent === tasks.length || tasks[sent]!.publishedMs > nowMs) break
      held[next]!.push({ task: sent++, place: 'coming', leftMs: gapMs / 2, startedMs: 0 })
      line = line.filter(w => w !== next)
      if (held[next]!.length < workers[next]!.prefetchTasks) line.push(next) // Served: the last.
    }
    const rate = (each: Held, w: number) => (each.place === 'running' ? speed(w) : each.place === 'buffered' ? 0 : 1)
    const stepsMs = held.flatMap((own, w) => own.flatMap(each => (rate(each, w) === 0 ? [] : [each.leftMs / rate(each, w)])))
    const publishMs = tasks.map(task => task.publishedMs - nowMs).filter(ms => ms > 0)
    const stepMs = Math.min(...stepsMs, ...publishMs)
    if (stepMs === Number.POSITIVE_INFINITY) return done
    for (const [w, own] of held.entries()) {
      const rates = own.map(each => rate(each, w))
      for (const [i, each] of own.entries()) each.leftMs -= stepMs * rates[i]!
    }
    nowMs += stepMs
    for (const [w, own] of held.entries()) {
      for (const each of own.filter(({ leftMs, place }) => leftMs < 1e-9 && place !== 'buffered')) {
        if (each.place === 'coming') each.place = 'buffered'
        else if (each.place === 'leaving') {
          own.splice(own.indexOf(each), 1)
          if (!line.includes(w)) line.push(w)
        } else if (each.place === 'closing') Object.assign(each, { place: 'leaving', leftMs: gapMs / 2 })
        else {
          done[each.task] = { worker: workers[w]!.name, startedMs: each.startedMs, endedMs: nowMs }
          Object.assign(each, { place: 'closing', leftMs: occupiedMs })
        }
      }
    }
  }
}

/** Times that never coincide: a tie would have two right answers. */
const small = fc.record({
  seed: fc.integer({ min: 1, max: 1_000_000 }),
  count: fc.integer({ min: 1, max: 12 }),
  gapMs: fc.constantFrom(1.7, 6.3),
  occupiedMs: fc.constantFrom(0.9, 2.1),
  workers: fc.array(
    fc.record({
      prefetchTasks: fc.integer({ min: 1, max: 6 }),
      slots: fc.integer({ min: 1, max: 4 }),
      batching: fc.constantFrom([1, 1.8, 2.5, 3.1], [1, 2, 3, 4], [1, 1, 1, 1]),
      priority: fc.integer({ min: -1, max: 1 }),
    }),
    { minLength: 1, maxLength: 3 },
  ),
})

test('slots, batching curves, priorities: the same workers at the same times as counted step by step', () => {
  fc.assert(
    fc.property(small, ({ seed, count, gapMs, occupiedMs, workers: drawn }) => {
      const workers = drawn.map((worker, i): ModelWorker => ({ name: `w${i}`, ...worker }))
      let publishedMs = 0
      const tasks = Array.from({ length: count }, (_, i): ModelTask => {
        publishedMs += 12 * draw(seed, `${i}`, 'between')
        return { id: `t${i}`, publishedMs, serviceMs: workers.map((_w, w) => 5 + 40 * draw(seed, `${i}`, `service ${w}`)) }
      })
      const broker = { gapMs, occupiedMs }
      const counted = bruteForce(tasks, workers, broker)
      for (const [i, { worker, startedMs, endedMs }] of predictSchedule(tasks, workers, broker).entries()) {
        expect(worker).toBe(counted[i]!.worker)
        expect(startedMs).toBeCloseTo(counted[i]!.startedMs, 4)
        expect(endedMs).toBeCloseTo(counted[i]!.endedMs, 4)
      }
    }),
    { numRuns: 500 },
  )
})
