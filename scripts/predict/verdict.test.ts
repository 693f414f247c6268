import { describe, expect, test } from 'vitest'
import { BOUNDS, type PredictionVerdict, verdictOf } from '../../reports/predict/verdict.ts'
import { type Described, predicted } from '../../scenarios/predictor/described.ts'
import { loadOf } from '../../scenarios/predictor/offered-load.ts'
import { predictProgram } from './arguments.ts'
import { startText } from './values.ts'

function parsed(args: string): Described {
  const got: Described[] = []
  predictProgram(({ start, ...given }) => {
    if (start.kind === 'trace-file') throw new Error('its file is not read here')
    got.push({ ...given, start, startText: startText(start) })
  }).parse(args.split(' '), { from: 'user' })
  return got[0]!
}
function verdict(args: string): PredictionVerdict {
  const described = parsed(args)
  return verdictOf(described, predicted(described), loadOf(described))
}

/** Figures that are ideal, but for what is given. */
function judged(differs: { p95?: number; max?: number; makespanMs?: number; hoarding?: number }): PredictionVerdict {
  const described = parsed('--service-ms 1000,1000 --tasks 100 --prefetch 1')
  const prediction = predicted(described)
  const { figures } = prediction
  const { p95 = figures.idealWaitMs.p95, max = figures.idealWaitMs.max, makespanMs = figures.makespanMs, hoarding = 0 } = differs
  const waitMs = { ...figures.waitMs, p95, max }
  const changed = { ...figures, waitMs, makespanMs, strandedPercent: { hoarding, roundTrip: 0 } }
  return verdictOf(described, { ...prediction, figures: changed }, loadOf(described))
}
const { idealWaitMs, makespanMs } = predicted(parsed('--service-ms 1000,1000 --tasks 100 --prefetch 1')).figures

describe('near ideal is what stays within every bound', () => {
  test.each([
    ['waitP95', { p95: idealWaitMs.p95 * BOUNDS.waitRatio }, { p95: idealWaitMs.p95 * BOUNDS.waitRatio + 1 }],
    ['waitMax', { max: idealWaitMs.max * BOUNDS.waitRatio }, { max: idealWaitMs.max * BOUNDS.waitRatio + 1 }],
    ['makespan', { makespanMs: makespanMs * BOUNDS.makespanRatio }, { makespanMs: makespanMs * BOUNDS.makespanRatio + 1 }],
    ['hoarding', { hoarding: BOUNDS.hoardingPercent }, { hoarding: BOUNDS.hoardingPercent + 0.1 }],
  ])('%s', (measure, at, beyond) => {
    expect(judged(at)).toMatchObject({ name: 'NEAR IDEAL', worst: undefined })
    expect(judged(beyond)).toMatchObject({ worst: measure })
    expect(judged(beyond).name).not.toBe('NEAR IDEAL')
  })

  test('the worst is named first, the others beside it', () => {
    const { name, worst, text } = judged({ p95: 1.2 * idealWaitMs.p95, max: 1.5 * idealWaitMs.max, hoarding: 8 })
    expect({ name, worst }).toEqual({ name: 'HOARDING', worst: 'waitMax' })
    expect(text).toMatch(
      /^HOARDING: longest wait 73\.5 s, 1\.50 x the ideal 49\.0 s \(p95 wait 1\.20 x, all done after 1\.00 x, stranded by hoarding 8\.0 %\)\. 8 % of/,
    )
  })

  test('half a task more stays within bounds, even if the ideal is 0', () => {
    const alone = (ms: number) => verdict(`--service-ms 100 --tasks 50 --start poisson:1/s --gap-ms ${ms}`)
    expect(alone(10).name).toBe('NEAR IDEAL')
    expect(alone(400)).toMatchObject({ name: expect.stringMatching(/ROUND TRIP|LONGER/), text: expect.stringContaining('p95 wait') })
  })
})

describe('cases', () => {
  test.each([
    ['--tasks 300 --prefetch 7', 'HOARDING', 'makespan'],
    ['--tasks 300 --prefetch 15', 'HOARDING', 'makespan'],
    ['--tasks 500 --prefetch 7', 'HOARDING', 'makespan'],
    ['--tasks 500 --prefetch 15', 'HOARDING', 'makespan'],
    ['--tasks 500 --prefetch 15 --start poisson:80/s', 'HOARDING', 'waitP95'],
    ['--tasks 300 --prefetch 1', 'NEAR IDEAL', undefined],
    ['--tasks 500 --prefetch 1 --start poisson:80/s', 'NEAR IDEAL', undefined],
  ])('three workers, 13, 37 and 111 ms, %s', (args, name, worst) => {
    expect(verdict(`--service-ms 13,37,111 ${args}`)).toMatchObject({ name, worst })
  })

  test.each([
    [
      '--tasks 500 --service-ms 20,70 --prefetch 1',
      /^NEAR IDEAL: p95 wait (.* s), the best first-in first-out is \1 \(longest wait 1\.00 x, /,
    ],
    ['--tasks 2 --service-ms 20,70 --prefetch 1', /^NO WAIT: /],
    ['--tasks 500 --service-ms 20,70 --prefetch 1 --gap-ms 10', /^ROUND TRIP: .* prefetch = slots \+ 1/],
    ['--tasks 200 --service-ms 20,70 --prefetch 250 --start poisson:30/s', /^HOARDING: p95 wait .* x the ideal /],
    ['--slots 4 --prefetch 2', /^UNFILLED SLOTS: .* half the slots can never fill: prefetch = slots \(--prefetch 4\)/],
    ['--slots 4 --prefetch 3,4', /^UNFILLED SLOTS: .* 1 of 8 slots can never fill/],
    ['--slots 4 --prefetch 2 --start poisson:130/s', /^OVERLOADED: .* half the slots can never fill/],
  ])('%s', (args, expected) => expect(verdict(args).text).toMatch(expected))

  test('near ideal except for the order is reported', () => {
    expect(verdict('--service-ms 13,37,111 --tasks 2000 --prefetch 7').text).toMatch(
      /^NEAR IDEAL: .* Only the order suffers: one task is overtaken by 67, ideally by 10\.$/,
    )
    expect(verdict('--tasks 500').text).not.toContain('order')
  })
})
