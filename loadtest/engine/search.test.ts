import { expect, test } from 'vitest'
import { searchRate } from './search.ts'

const bounds = { fromPerSecond: 100, toPerSecond: 100_000, within: 0.1 }
const upTo = (limit: number) => async (rate: number) => ({ held: rate <= limit, why: '' })

test('it doubles, then halves the distance, and finds the highest rate that held within a tenth', async () => {
  for (const limit of [130, 999, 1_234, 7_777, 54_321]) {
    const { highest, steps } = await searchRate(bounds, upTo(limit))
    expect(highest).toBeLessThanOrEqual(limit)
    expect(highest).toBeGreaterThan(limit / 1.15)
    expect(steps.length).toBeLessThan(16)
  }
})

test('no rate if the first fails, the last if all hold', async () => {
  expect(await searchRate(bounds, upTo(50))).toEqual({ highest: undefined, steps: [{ ratePerSecond: 100, held: false, why: '' }] })
  const { highest, steps } = await searchRate({ ...bounds, toPerSecond: 900 }, upTo(5_000))
  expect([highest, steps.map(step => step.ratePerSecond)]).toEqual([900, [100, 200, 400, 800, 900]])
})

test('an unclear trial is repeated, and counts as failed after three', async () => {
  let tries = 0
  const noisyOnce = async (rate: number) => ({ held: rate === 200 && tries++ === 0 ? null : rate <= 250, why: '' })
  const { highest, steps } = await searchRate(bounds, noisyOnce)
  expect(highest).toBeGreaterThan(215)
  expect(steps.slice(0, 4).map(({ ratePerSecond, held }) => [ratePerSecond, held])).toEqual([
    [100, true],
    [200, null],
    [200, true],
    [400, false],
  ])
  const never = await searchRate(bounds, async () => ({ held: null, why: 'noise' }))
  expect([never.highest, never.steps.length]).toEqual([undefined, 3])
})
