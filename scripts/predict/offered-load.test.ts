import { describe, expect, test } from 'vitest'
import { makespanMs, predictSchedule, type Start, sameTasks } from '#predictor'
import { ASKED } from '../../reports/predict/fixture.ts'
import { predictionText } from '../../reports/predict/prediction-text.ts'
import { BATCHING, predicted } from '../../scenarios/predictor/described.ts'
import { loadOf, loadPercent } from '../../scenarios/predictor/offered-load.ts'

const poisson = (perSecond: number): Start => ({ kind: 'poisson', perSecond })

function text(perSecond: number, given: Partial<typeof ASKED> = {}): string {
  const args = { ...ASKED, ...given, start: poisson(perSecond), startText: `poisson:${perSecond}/s` }
  return predictionText(args, predicted(args))
}

describe('the offered load', () => {
  test('a rate against what both GPUs can do', () => {
    const { capacityPerSecond, offered } = loadOf({ ...ASKED, start: poisson(200) })
    expect(capacityPerSecond).toBeCloseTo(64.29, 2)
    expect(offered?.percentOfCapacity).toBeCloseTo(311.1, 1)
  })

  test('the rate of a trace is that between its ends; a burst has none', () => {
    const trace = (publishedMs: number[]) => loadOf({ ...ASKED, start: { kind: 'trace', publishedMs } }).offered?.perSecond
    expect(trace([0, 10, 40])).toBe(50)
    expect(trace([0, 0])).toBeUndefined()
    expect(loadOf({ ...ASKED, start: { kind: 'burst' } }).offered).toBeUndefined()
  })

  test.each([
    [1, 1, 0],
    [1, 1, 5],
    [2, 1, 5],
    [3, 1, 50],
    [2, 4, 0],
    [0, 4, 7],
  ])('prefetch %d and %d slots keep the same at a gap of %d ms as in the model', (prefetchTasks, slots, gapMs) => {
    const worker = { name: 'one', prefetchTasks, slots, batching: BATCHING }
    const tasks = 4_000
    const { keptPerSecond } = loadOf({
      serviceMs: [20],
      gpus: undefined,
      slots: [slots],
      prefetchTasks: [prefetchTasks],
      gapMs,
      start: poisson(1),
    })
    const measured = (1_000 * tasks) / makespanMs(predictSchedule(sameTasks(tasks, [20]), [worker], { gapMs }))
    expect(keptPerSecond / measured).toBeCloseTo(1, 2)
  })
})

describe('its words', () => {
  test('the load stands in the Model line', () => {
    expect(text(50)).toMatch(/^Model: 500 tasks \(poisson 50\/s, seed 1, offered load 78 % of 64\.3\/s\)/m)
  })

  test.each([
    [200, /^OVERLOADED: offered load 311 %: the queue grows without end; waits here depend on --tasks alone\.\n/],
    [64.3, /^OVERLOADED: offered load 100\.0 %: /],
    [64.2, /^(?!OVERLOADED).*\nWARNING: offered load 99\.8 % of what the workers can do: over 95 % waits depend on --tasks and --seed/],
  ])('%d/s', (perSecond, expected) => expect(text(perSecond)).toMatch(expected))

  test('up to 95 % there is no warning', () => {
    expect(text(61)).not.toMatch(/OVERLOADED|WARNING/)
    expect(text(61.2)).toMatch(/WARNING/)
  })

  test('exactly full is overloaded', () => {
    expect(text(150, { serviceMs: [10, 20] })).toMatch(/^OVERLOADED: offered load 100\.0 %: /)
  })

  test('a gap can overload GPUs that have room, until a higher prefetch hides it', () => {
    const given = { gapMs: 5 }
    expect(text(60, given)).toMatch(/^OVERLOADED: offered load 93\.3 %, 113 % of what prefetch 1 and gap 5 ms leave: .* higher prefetch/)
    expect(text(60, given)).toMatch(/offered load 93\.3 % of 64\.3\/s, 113 % with this prefetch and gap\)/)
    expect(text(60, { ...given, prefetchTasks: [2] })).not.toMatch(/OVERLOADED|WARNING/)
  })

  test('a load is never rounded up to full', () => {
    expect([311.1, 99.97, 100, 78.4, 0.25].map(loadPercent)).toEqual(['311 %', '99.9 %', '100.0 %', '78 %', '0.3 %'])
  })
})
