import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { figuresOf } from '../../scenarios/experiment/hour/figures.ts'
import { demoHour } from '../../scenarios/experiment/hour/hour.ts'
import { type Arm, armState, heroState } from '../../scenarios/experiment/hour/state.ts'
import { followed } from '../model/followed.ts'
import { laneCells, readyAt, waitingAt } from '../model/over-time.ts'
import { lastLines } from './last-lines.ts'
import { plainLines } from './plain.ts'
import { clock, spoken } from './text.ts'

const HOUR_MS = 3_600_000
const hour = demoHour({ seed: 1, load: 0.8, prefetchTasks: 250, hourMs: HOUR_MS })
const titles = hour.arms.map(arm => arm.title)

/** The first is answered at once, the second waits for GPU 2, the third in the broker. */
const ARM: Arm = {
  title: 'prefetch 2',
  gpus: ['one', 'two'],
  tasks: [
    { arrivedAtMs: 0, deliveredAtMs: 0, startedAtMs: 0, endedAtMs: 50, gpu: 0 },
    { arrivedAtMs: 10, deliveredAtMs: 10, startedAtMs: 90, endedAtMs: 100, gpu: 1 },
    { arrivedAtMs: 20, deliveredAtMs: 60, startedAtMs: 60, endedAtMs: 80, gpu: 0 },
  ],
}

/** What a run that is still going on knows at an instant. */
function known(arm: Arm, nowMs: number): Arm {
  const past = (atMs: number | undefined) => (atMs !== undefined && atMs <= nowMs ? atMs : undefined)
  const tasks = arm.tasks.filter(task => task.arrivedAtMs <= nowMs)
  return {
    ...arm,
    tasks: tasks.map(task => ({ ...task, startedAtMs: past(task.startedAtMs), endedAtMs: past(task.endedAtMs) })),
  }
}

describe('one instant', () => {
  test('ready is what the dashboard shows, waiting is who waits', () => {
    expect(armState(ARM, 30)).toMatchObject({ ready: 1, waiting: 2, gpus: [{ holds: 0 }, { holds: 1 }] })
    expect(heroState(ARM, 1, 70)).toEqual({ askedAtMs: 10, waitedMs: 60, begun: false, overtakenBy: 1 })
    expect(heroState(ARM, 1, 95)).toMatchObject({ waitedMs: 80, begun: true })
    expect(heroState(ARM, 1, 5)).toBeUndefined()
  })

  test('of a measured arm, ready and held are what was sampled', () => {
    const samples = [
      { atMs: 0, ready: 0, holds: [0, 0] },
      { atMs: 25, ready: 4, holds: [1, 2] },
    ]
    expect(armState({ ...ARM, samples }, 30)).toMatchObject({ ready: 4, waiting: 2, gpus: [{ holds: 1 }, { holds: 2 }] })
    expect(readyAt({ ...ARM, samples }, 100, 5, 100)).toEqual([0, 4, 4, 4, 4])
  })
})

test('over time: a GPU that idles while somebody waits stands out; what is to come is not shown', () => {
  const lane = (gpu: number, nowMs: number) => laneCells(ARM, gpu, 100, 10, nowMs).map(cell => cell.kind[0])
  expect(lane(1, 55).join('')).toBe('isssssffff')
  expect(lane(0, 100).join('')).toBe('bbbbbsbbsi')
  expect(waitingAt(ARM, 100, 10, 100)).toEqual([0, 1, 2, 2, 2, 2, 1, 1, 1, 0])
})

describe('the person followed', () => {
  test('one after the other, each longer, the last one to the end; the same whether the rest is known or not', () => {
    const all = followed(hour.arms[0], HOUR_MS, HOUR_MS)
    expect(new Set(all.map(hero => hero.name)).size).toBe(all.length)
    expect(heroState(hour.arms[0], all.at(-1)?.task ?? -1, HOUR_MS)?.waitedMs).toBeGreaterThan(15 * 60_000)
    fc.assert(
      fc.property(fc.integer({ min: 0, max: HOUR_MS }), nowMs => {
        const then = followed(hour.arms[0], HOUR_MS, nowMs)
        expect(then).toEqual(all.slice(0, then.length))
        expect(followed(known(hour.arms[0], nowMs), HOUR_MS, nowMs)).toEqual(then)
      }),
      { numRuns: 50 },
    )
  })

  test('nobody, if nobody waits', () => {
    expect(followed(ARM, 100, 100)).toEqual([])
  })
})

test('the hour shows many times the wait, at a queue that looks empty', () => {
  const [large, one] = hour.figures
  expect(large.waitMs.p95).toBeGreaterThan(20 * one.waitMs.p95)
  expect(large.strandedPercent).toBeGreaterThan(10 * one.strandedPercent)
  expect(hour.arms[0].tasks.length).toBe(hour.arms[1].tasks.length)
  expect(armState(hour.arms[0], 0.9 * HOUR_MS).ready).toBe(0)
  expect(demoHour({ seed: 1, load: 0.8, prefetchTasks: 250, hourMs: HOUR_MS }).arms).toEqual(hour.arms)
})

test('figures end with the hour: who still waits counts with what she has waited, work after the end is not counted', () => {
  const tasks = [0, 10, 20].map((publishedMs, i) => ({ id: `task-${i}`, publishedMs, serviceMs: [20, 20] }))
  const { waitMs, idealWaitMs, strandedPercent } = figuresOf(ARM, tasks, 50)
  expect(waitMs).toMatchObject({ max: 40, p50: 30 })
  expect(idealWaitMs.max).toBe(0)
  // Of 2 x 50 ms: the second GPU idles while somebody waits from 10 on.
  expect(strandedPercent).toBeCloseTo(40)
  const measured = { ...ARM, tasks: ARM.tasks.map(({ arrivedAtMs, startedAtMs }) => ({ arrivedAtMs, startedAtMs })) }
  expect(figuresOf(known(measured, 50), tasks, 50).waitMs).toEqual(waitMs)
})

test('without a terminal: lines of a width that a mail or a log has room for, the three figures last', () => {
  const lines = plainLines(hour.arms, HOUR_MS)
  expect(lines).toHaveLength(12)
  expect(lines.at(-2)).toMatch(
    /^ 1:00:00 {2}prefetch 250 +0 messages ready, +\d+ people waiting\. \w+ (waited|has been waiting) \d+ min\.$/,
  )
  const last = lastLines(titles, hour.figures, { beside: hour.figures })
  expect(last.slice(-3).map(line => line.split('  ')[0])).toEqual(['p95 wait', 'stranded capacity', 'the fix, one line'])
  expect(Math.max(...last.map(line => line.length))).toBeLessThanOrEqual(80)
  for (const columns of [50, 33])
    expect(Math.max(...lastLines(titles, hour.figures, { columns }).map(line => line.length))).toBeLessThanOrEqual(columns)
  expect(Math.max(...lines.map(line => line.length))).toBeLessThanOrEqual(100)
})

test('times as people say them', () => {
  expect([75_000, 4_500_000, 0].map(clock)).toEqual(['1:15', '1:15:00', '0:00'])
  expect([4_200, 75_000, 1_980_000].map(spoken)).toEqual(['4.2 s', '75 s', '33 min'])
})

test('two cards of one’s own take the place of the demo’s, equal ones too', () => {
  const own = demoHour({ seed: 1, load: 0.8, prefetchTasks: 250, hourMs: HOUR_MS, gpus: ['rtx-4090', 'rtx-3060'] })
  const equal = demoHour({ seed: 1, load: 0.8, prefetchTasks: 250, hourMs: HOUR_MS, gpus: ['rtx-3060', 'rtx-3060'] })
  expect([hour.gpus, own.gpus, equal.gpus]).toEqual([
    ['rtx-4090', 'rx-7650-gre'],
    ['rtx-4090', 'rtx-3060'],
    ['rtx-3060', 'rtx-3060 (2)'],
  ])
  expect(own.tasks[0]!.serviceMs[0]).toBe(hour.tasks[0]!.serviceMs[0])
  expect(own.tasks[0]!.serviceMs[1]).toBeLessThan(hour.tasks[0]!.serviceMs[1]!)
  expect(own.tasks.length).toBeGreaterThan(hour.tasks.length)
  expect(new Set(equal.arms[1].tasks.map(({ gpu }) => gpu))).toEqual(new Set([0, 1]))
})
