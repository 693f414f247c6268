import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type ModelTask, type ModelWorker, predictSchedule } from './index.ts'

/** The model beside a second one that shares no code with it: whole milliseconds, step by step. */

interface Case {
  tasks: ModelTask[]
  workers: ModelWorker[]
  userTasksAtOnce: number
}

/** One slot a worker, no gap. Each instant: ends, then arrivals in order, then workers that ask.
 *  @returns worker and start of each task */
function stepByStep({ tasks, workers, userTasksAtOnce: limit }: Case): string[] {
  const found = tasks.map(() => '')
  const held = workers.map((): { task: number; leftMs: number; begun: boolean }[] => [])
  const outbox: number[] = []
  const ready: number[] = []
  /** Among workers of one priority, those that were served longest ago come first. */
  const turns = workers.map((_, index) => index)
  const atWork = new Map<string, number>()
  const room = (index: number) => workers[index]!.prefetchTasks === 0 || held[index]!.length < workers[index]!.prefetchTasks
  const least = (index: number) => workers[index]!.backlogMin ?? 0

  const give = (index: number) => held[index]!.push({ task: ready.shift()!, leftMs: 0, begun: false })
  const serve = () => {
    for (;;) {
      const free = turns.filter(index => least(index) === 0 && room(index))
      const top = Math.max(...free.map(index => workers[index]!.priority ?? 0))
      const next = free.find(index => (workers[index]!.priority ?? 0) === top)
      if (next === undefined || ready.length === 0) return
      turns.push(...turns.splice(turns.indexOf(next), 1))
      give(next)
    }
  }
  const enter = (task: number) => {
    const { user = `only ${task}` } = tasks[task]!
    const count = atWork.get(user) ?? 0
    if (limit > 0 && count >= limit) return outbox.push(task)
    atWork.set(user, count + 1)
    return ready.push(task)
  }
  for (let nowMs = 0; found.includes('') || held.some(own => own.length > 0); nowMs++) {
    for (const [index, own] of held.entries()) {
      if (own[0]?.begun !== true || --own[0].leftMs > 0) continue
      const { user = `only ${own[0].task}` } = tasks[own[0].task]!
      own.shift()
      turns.push(...turns.splice(turns.indexOf(index), 1)) // It had room last.
      atWork.set(user, atWork.get(user)! - 1)
      const freed = outbox.findIndex(task => tasks[task]!.user === user)
      if (freed >= 0) enter(outbox.splice(freed, 1)[0]!)
      serve()
    }
    for (const [task, { publishedMs }] of tasks.entries()) {
      if (publishedMs !== nowMs) continue
      enter(task)
      serve()
    }
    for (let before = -1; before !== ready.length; ) {
      before = ready.length
      for (const [index] of workers.entries()) {
        const alone = workers.every((_, other) => least(other) > 0)
        if (least(index) > 0 && ready.length > 0 && room(index) && (alone || ready.length >= least(index))) give(index)
      }
    }
    for (const [index, [first]] of held.entries()) {
      if (first === undefined || first.begun) continue
      Object.assign(first, { begun: true, leftMs: tasks[first.task]!.serviceMs[index]! })
      found[first.task] = `${workers[index]!.name} at ${nowMs}`
    }
  }
  return found
}

/** Service times that differ by so much that no two workers end at one instant by chance. */
const cases = fc.integer({ min: 1, max: 3 }).chain(count =>
  fc.record({
    workers: fc.tuple(
      ...Array.from({ length: count }, (_, index) =>
        fc.record({
          name: fc.constant(`w${index}`),
          prefetchTasks: fc.constant(1),
          priority: fc.integer({ min: 0, max: 2 }),
          backlogMin: fc.constantFrom(0, 0, 1, 2, 3),
        }),
      ),
    ),
    userTasksAtOnce: fc.constantFrom(0, 1, 2),
    drawn: fc.array(
      fc.record({
        gapMs: fc.integer({ min: 1, max: 9 }),
        serviceMs: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: count, maxLength: count }),
        user: fc.constantFrom('ann', 'bob', 'cy'),
      }),
      { minLength: 1, maxLength: 9 },
    ),
  }),
)

function caseOf({ workers, userTasksAtOnce, drawn }: typeof cases extends fc.Arbitrary<infer T> ? T : never): Case {
  let atMs = 0
  const tasks = drawn.map(({ gapMs, serviceMs, user }, index) => {
    atMs += gapMs
    return { id: `t${index}`, publishedMs: atMs, serviceMs, user }
  })
  return { tasks, workers, userTasksAtOnce }
}

/** Two that end at one instant may be settled in either order: such cases say nothing. */
function hasTie({ tasks }: Case, starts: readonly string[]): boolean {
  const instants = starts.map((start, i) => {
    const [, worker, atMs] = /^w(\d) at (\d+)$/.exec(start) ?? []
    return Number(atMs) + tasks[i]!.serviceMs[Number(worker)]!
  })
  return new Set([...instants, ...tasks.map(task => task.publishedMs)]).size < 2 * tasks.length
}

test('threshold, priority and the limit of a user: as a simulation step by step', () => {
  let compared = 0
  fc.assert(
    fc.property(cases.map(caseOf), each => {
      const expected = stepByStep(each)
      if (hasTie(each, expected)) return
      compared++
      const schedule = predictSchedule(each.tasks, each.workers, { userTasksAtOnce: each.userTasksAtOnce })
      expect(schedule.map(({ worker, startedMs }) => `${worker} at ${startedMs}`)).toEqual(expected)
    }),
    { numRuns: 1_000, seed: 1 },
  )
  expect(compared).toBeGreaterThan(300)
})

const burst = (count: number, user?: string): ModelTask[] =>
  Array.from({ length: count }, (_, i) => ({ id: `${user ?? 't'}${i}`, publishedMs: 0, serviceMs: [10, 100], ...(user ? { user } : {}) }))

test('the slow worker takes from three on, and all if nobody else is there', () => {
  const workers = [
    { name: 'fast', prefetchTasks: 1 },
    { name: 'slow', prefetchTasks: 1, backlogMin: 3 },
  ]
  expect(predictSchedule(burst(3), workers).map(p => p.worker)).toEqual(['fast', 'fast', 'fast'])
  expect(predictSchedule(burst(4), workers).map(p => p.worker)).toEqual(['fast', 'slow', 'fast', 'fast'])
  const alone = burst(1).map(task => ({ ...task, serviceMs: [100] }))
  expect(predictSchedule(alone, [workers[1]!])[0]).toMatchObject({ worker: 'slow', startedMs: 0 })
  const looks = predictSchedule([{ ...alone[0]!, publishedMs: 7 }], [workers[1]!], { lookMs: 20 })
  expect(looks[0]).toMatchObject({ startedMs: 20 })
})

test('a user with many tasks leaves room for one who asks later', () => {
  const tasks = [...burst(5, 'many'), ...burst(1, 'one')].map(task => ({ ...task, serviceMs: [10] }))
  const startOf = (userTasksAtOnce: number) =>
    predictSchedule(tasks, [{ name: 'w', prefetchTasks: 1 }], { userTasksAtOnce }).find(p => p.task === 'one0')?.startedMs
  expect([startOf(0), startOf(1), startOf(2)]).toEqual([50, 10, 20])
})
