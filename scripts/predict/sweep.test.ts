import { describe, expect, test } from 'vitest'
import { ASKED } from '../../reports/predict/fixture.ts'
import { bestOf, type SweepRow, sweepOf } from '../../reports/predict/sweep.ts'
import { sweepText } from '../../reports/predict/sweep-text.ts'
import { type Described, predicted, SWEPT_PREFETCHES } from '../../scenarios/predictor/described.ts'

const GIVEN: Described = {
  ...ASKED,
  ...{ tasks: 400, gapMs: 2, sweep: true, start: { kind: 'poisson', perSecond: 50 }, startText: 'poisson:50/s' },
}
const SWEEP = sweepOf(GIVEN)

test('each row is what its prefetch alone gives', () => {
  expect(SWEEP.rows.map(row => row.prefetch)).toEqual([1, 2, 3, 5, 10, 20, 50, 100, 250])
  for (const { prefetch, figures } of SWEEP.rows) expect(figures).toEqual(predicted({ ...GIVEN, prefetchTasks: [prefetch] }).figures)
})

test('a prefetch is announced before it runs', () => {
  const told: number[] = []
  sweepOf({ ...GIVEN, tasks: 2 }, prefetch => told.push(prefetch))
  expect(told).toEqual(SWEPT_PREFETCHES)
})

describe('the best by p95', () => {
  const [row] = SWEEP.rows
  const best = (...p95: number[]) => {
    const rows = p95.map(
      (ms, i): SweepRow => ({ ...row!, prefetch: i + 1, figures: { ...row!.figures, waitMs: { ...row!.figures.waitMs, p95: ms } } }),
    )
    return bestOf(rows).prefetch
  }

  test('is the least', () => expect([best(300, 200, 250), best(200, 300, 400), best(5, 0)]).toEqual([2, 1, 2]))

  test('in a tie the smaller prefetch is best; within 1 % is a tie', () => {
    expect([best(200, 200), best(201.9, 200), best(202.1, 200), best(0, 0)]).toEqual([1, 1, 2, 1])
  })

  test('a gap makes the best prefetch 2 instead of 1', () => {
    expect(SWEEP.best.prefetch).toBe(2)
    expect(sweepOf({ ...GIVEN, gapMs: 0 }).best.prefetch).toBe(1)
  })
})

describe('for a person', () => {
  const text = (differs: Partial<Described> = {}) => sweepText({ ...GIVEN, ...differs }, sweepOf({ ...GIVEN, ...differs }), 80)

  test('the best first, a line for each, no contrary advice, 80 columns', () => {
    const told = text()
    expect(told).toMatch(/^BEST BY P95 WAIT: prefetch 2 \(\d+ ms, ideal \d+ ms\); /)
    expect(told).not.toContain('Try')
    for (const { prefetch, figures } of SWEEP.rows)
      expect(told).toMatch(new RegExp(`^${prefetch} .* ${figures.strandedPercent.hoarding.toFixed(1)} % `, 'm'))
    expect(Math.max(...told.split('\n').map(line => line.length))).toBeLessThanOrEqual(80)
  })

  test('prefetches that cannot carry the load are marked', () => {
    const told = text({ start: { kind: 'poisson', perSecond: 60 }, gapMs: 5 })
    expect(told).toMatch(/^! 1 /m)
    expect(told).toMatch(/^2 /m)
    expect(told).toContain('!: overloaded with this prefetch')
    expect(text()).not.toContain('!')
  })

  test('a burst says that it says little, random arrivals that they are one draw', () => {
    expect(text({ start: { kind: 'burst' }, startText: 'burst' })).toContain('Sweep with --start poisson:R/s')
    expect(text()).not.toContain('says little')
    expect(text()).toContain('another --seed')
  })
})
