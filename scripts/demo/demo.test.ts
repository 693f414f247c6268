import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { demoHour, lastLines } from './hour.ts'
import { screen } from './screen.ts'
import { type Arm, armState, laneCells, waitingAt } from './state.ts'
import { clock, colourInk, pad, plainInk, spoken, visibleLength } from './text.ts'

const HOUR_MS = 3_600_000
const hour = demoHour({ seed: 1, load: 0.8, prefetchTasks: 250, hourMs: HOUR_MS })

/** Ann is answered at once, Bea waits in the buffer of the second GPU, Cid in the broker. */
const ARM: Arm = {
  title: 'prefetch 2',
  gpus: ['one', 'two'],
  tasks: [
    { user: 'Ann', arrivedAtMs: 0, deliveredAtMs: 0, startedAtMs: 0, endedAtMs: 50, gpu: 0 },
    { user: 'Bea', arrivedAtMs: 10, deliveredAtMs: 10, startedAtMs: 90, endedAtMs: 100, gpu: 1 },
    { user: 'Cid', arrivedAtMs: 20, deliveredAtMs: 60, startedAtMs: 60, endedAtMs: 80, gpu: 0 },
  ],
}

describe('one instant', () => {
  test('ready is what the dashboard shows, waiting is who waits', () => {
    expect(armState(ARM, 1, 30)).toMatchObject({
      ready: 1,
      waiting: 2,
      gpus: [
        { answering: 'Ann', holds: 0 },
        { answering: undefined, holds: 1 },
      ],
    })
    expect(armState(ARM, 1, 70).hero).toEqual({ name: 'Bea', askedAtMs: 10, waitedMs: 60, begun: false, overtakenBy: 1 })
    expect(armState(ARM, 1, 95).hero).toMatchObject({ waitedMs: 80, begun: true })
    expect(armState(ARM, 1, 5).hero.askedAtMs).toBeUndefined()
  })

  test('a GPU that idles while somebody waits stands out; what is to come is not shown', () => {
    expect(laneCells(ARM, 1, 100, 10, 55).map(cell => cell.kind)).toEqual([
      ...['idle', ...Array(5).fill('stranded')],
      ...Array(4).fill('future'),
    ])
    expect(waitingAt(ARM, 100, 10, 100)).toEqual([0, 1, 2, 2, 2, 2, 1, 1, 1, 0])
  })
})

test('the screen fits any terminal, with and without colour, at any time', () => {
  const scene = { arms: hour.arms, hero: hour.hero, hourMs: HOUR_MS, label: 'predicted' }
  fc.assert(
    fc.property(
      fc.integer({ min: 60, max: 220 }),
      fc.integer({ min: 20, max: 60 }),
      fc.integer({ min: 0, max: HOUR_MS }),
      (columns, rows, nowMs) => {
        const [plain, coloured] = [plainInk, colourInk].map(ink => screen(scene, nowMs, columns, rows, ink))
        return [...(plain ?? []), ...(coloured ?? [])].every(line => visibleLength(line) === columns)
      },
    ),
    { numRuns: 25 },
  )
  expect(screen(scene, HOUR_MS, 80, 24, plainInk).length).toBeLessThanOrEqual(24)
})

test('the hour tells what it is to tell: many times the wait, at a queue that looks empty', () => {
  const [large, one] = hour.figures
  expect(large.waitMs.p95).toBeGreaterThan(20 * one.waitMs.p95)
  expect(hour.arms[0].tasks.length).toBe(hour.arms[1].tasks.length)
  expect(armState(hour.arms[0], hour.hero, 0.9 * HOUR_MS)).toMatchObject({ ready: 0 })
  expect(lastLines(hour, spoken)).toHaveLength(3)
  const { arms } = demoHour({ seed: 1, load: 0.8, prefetchTasks: 250, hourMs: HOUR_MS })
  expect(arms).toEqual(hour.arms)
})

test('times as people say them', () => {
  expect([75_000, 4_500_000, 0].map(clock)).toEqual(['1:15', '1:15:00', '0:00'])
  expect([4_200, 75_000, 1_980_000].map(spoken)).toEqual(['4.2 s', '75 s', '33 min'])
  expect([pad('abc', 5), pad('abcdef', 4)]).toEqual(['abc  ', 'abc…'])
})
