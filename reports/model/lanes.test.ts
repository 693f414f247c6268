import { describe, expect, test } from 'vitest'
import { modelRun } from '#evidence/fixture'
import type { EventOf, HistoryEvent } from '#evidence/history'
import { askedOf, heroOf, windowOf } from './asked.ts'
import { lanesOf } from './lanes.ts'
import { totalMs } from './spans.ts'

type Run = Partial<EventOf<'inference'>>
const run = (task: string, startedAtMs: number, endedAtMs: number, more: Run = {}): HistoryEvent => {
  const base = {
    kind: 'inference' as const,
    atMs: startedAtMs,
    task,
    attempt: 1,
    worker: 'worker-fast',
    gpu: 'gpu-fast',
    outcome: 'done' as const,
  }
  return { ...base, startedAtMs, endedAtMs, ...more }
}
const history = (events: HistoryEvent[], slots = 1) => {
  return { sequenced: true, robot: 'URobot', attemptsMax: 3, workers: [{ name: 'worker-fast', prefetchTasks: 1, slots }], events }
}
const asked = (task: string, askedMs: number, startedMs?: number) => ({
  task,
  user: `user of ${task}`,
  askedMs,
  ...(startedMs === undefined ? {} : { startedMs }),
})
const window = { fromMs: 0, toMs: 100 }

describe('lanes', () => {
  test('a bar knows how long its asker had waited; idle counts only while somebody waits', () => {
    const [lane] = lanesOf(history([run('a', 10, 30), run('b', 60, 100)]), [asked('a', 5, 10), asked('b', 40, 60)], window)
    expect(lane?.bars.map(({ waitMs, user }) => [waitMs, user])).toEqual([
      [5, 'user of a'],
      [20, 'user of b'],
    ])
    expect(lane?.stranded).toEqual([
      { fromMs: 5, toMs: 10 },
      { fromMs: 40, toMs: 60 },
    ])
  })

  test('two slots are two lanes, filled in turn', () => {
    const lanes = lanesOf(history([run('a', 0, 50), run('b', 10, 20), run('c', 30, 60), run('d', 50, 70)], 2), [], window)
    expect(lanes.map(({ name }) => name)).toEqual(['gpu-fast, slot 1', 'gpu-fast, slot 2'])
    expect(lanes.map(lane => lane.bars.map(bar => bar.fromMs))).toEqual([
      [0, 50],
      [10, 30],
    ])
  })

  test('a worker that never worked has a lane, and one that was stopped is not idle', () => {
    const fault = (atMs: number, action: string): HistoryEvent => ({ kind: 'fault', atMs, part: 'worker-fast', action, proof: 'seen' })
    const [lane] = lanesOf(history([fault(20, 'kill'), fault(60, 'start')]), [asked('a', 10)], window)
    expect(lane).toMatchObject({ name: 'gpu-fast', bars: [], off: [{ fromMs: 20, toMs: 60 }] })
    expect(lane?.stranded).toEqual([
      { fromMs: 10, toMs: 20 },
      { fromMs: 60, toMs: 100 },
    ])
  })

  test('a GPU that is down is off until it is healed, or has another fault', () => {
    const faults = (atMs: number, switches: object): HistoryEvent => ({
      ...{ kind: 'fault', atMs, part: 'gpu-fast', action: 'faults', switches: { ...switches }, proof: 'read back' },
    })
    const offOf = (...events: HistoryEvent[]) => lanesOf(history(events), [], window)[0]?.off
    expect(offOf(faults(20, { down: true }), faults(60, {}))).toEqual([{ fromMs: 20, toMs: 60 }])
    expect(offOf(faults(20, { down: true }), faults(70, { status: 500 }))).toEqual([{ fromMs: 20, toMs: 70 }])
    expect(offOf(faults(20, { down: true }))).toEqual([{ fromMs: 20, toMs: 100 }])
    expect(offOf(faults(20, { status: 500 }), faults(60, {}))).toEqual([])
  })

  test('cut off, failed and refused inferences are lost ones; one that runs on reaches the end', () => {
    const { startedAtMs: _, endedAtMs: __, ...refused } = run('c', 40, 40, { outcome: 'failed' }) as EventOf<'inference'>
    const { endedAtMs: ___, ...running } = run('d', 50, 0, { outcome: 'running' }) as EventOf<'inference'>
    const [lane] = lanesOf(history([run('b', 0, 10, { outcome: 'aborted' }), refused, running]), [], window)
    expect(lane?.bars.map(({ fromMs, toMs, outcome }) => [fromMs, toMs, outcome])).toEqual([
      [0, 10, 'lost'],
      [40, 40, 'lost'],
      [50, 100, 'done'],
    ])
  })
})

describe('an arm out of the model', () => {
  const { run: document, histories } = modelRun()
  const [small, large] = document.arms.map(arm => {
    const own = { ...arm.facts, events: histories.get(arm.name) ?? [] }
    const span = windowOf(own)
    const people = askedOf(own, span)
    return { span, people, lanes: lanesOf(own, people, span), hero: heroOf(people, span), measures: arm.measures }
  })

  test('every prompt is one bar', () => {
    for (const arm of [small!, large!]) {
      expect(arm.people).toHaveLength(200)
      expect(arm.lanes.flatMap(lane => lane.bars)).toHaveLength(200)
    }
  })

  test('with prefetch 250 the fast GPU stands idle while people wait', () => {
    expect(totalMs(large!.lanes[0]!.stranded)).toBeGreaterThan(10 * totalMs(small!.lanes[0]!.stranded))
  })

  test('the marked person waited nearly longest, and was overtaken', () => {
    expect(large!.hero!.waitedMs).toBeGreaterThanOrEqual(0.8 * (large!.measures['waitMaxMs'] ?? 0))
    expect(large!.hero!.overtakenBy).toBeGreaterThan(10)
  })
})

test('without a prompt nobody is marked', () => expect(heroOf([], window)).toBeUndefined())

test('a prompt that never began waits to the end, or until its apology', () => {
  expect(heroOf([asked('a', 20), asked('b', 30, 40)], window)).toMatchObject({ asked: { task: 'a' }, waitedMs: 80, overtakenBy: 1 })
  expect(heroOf([{ ...asked('a', 20), apologyMs: 25 }, asked('b', 30, 40)], window)).toMatchObject({ asked: { task: 'b' }, waitedMs: 10 })
})
