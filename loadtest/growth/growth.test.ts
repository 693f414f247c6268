import { expect, test } from 'vitest'
import type { GrowthSample, GrowthSeries } from '#evidence/growth-document'
import { growthOf, growthVerdict } from './judge.ts'
import { axesNamed } from './sizes.ts'

const sample = (repetition: number, node: number, more: Partial<GrowthSample> = {}): GrowthSample => ({
  ...{ repetition, perSecond: 1_000, p50Ms: 5, cpuUs: { node, broker: 10 }, generatorUs: 10, foreignPercent: 1 },
  ...{ rssMiB: {}, lost: 0, duplicates: 0, ...more },
})
const points = (small: GrowthSample[], large: GrowthSample[]): GrowthSeries['points'] => [
  { size: 2, samples: small },
  { size: 4, samples: [] },
  { size: 8, samples: large },
]
const series = (points: GrowthSeries['points']): GrowthSeries => ({ axis: 'nodes', system: 'ours', points, growth: growthOf(points) })

test('growth is the largest over the smallest size, each ratio within a repetition', () => {
  const found = growthOf(points([sample(0, 10), sample(1, 30)], [sample(1, 70), sample(0, 30)]))
  // 40 / 20 and 80 / 40.
  expect(found).toEqual({ ratio: 2, interval: [2, 2], repetitions: 2 })
})

test('a disturbed piece counts in neither direction', () => {
  const found = growthOf(points([sample(0, 10), sample(1, 10)], [sample(0, 30), sample(1, 990, { foreignPercent: 80 })]))
  expect(found).toMatchObject({ ratio: 2, repetitions: 1 })
  expect(growthOf(points([sample(0, 10)], [sample(0, 10, { foreignPercent: 80 })]))).toBeNull()
})

test('what is lost fails; a size without a quiet sample decides nothing', () => {
  const whole = [
    { size: 2, samples: [sample(0, 10)] },
    { size: 8, samples: [sample(0, 10)] },
  ]
  expect(growthVerdict([series(whole)])).toBe('pass')
  expect(growthVerdict([series(points([sample(0, 10)], [sample(0, 10)]))])).toBe('unknown')
  expect(growthVerdict([series(whole), series(points([sample(0, 10, { lost: 1 })], []))])).toBe('fail')
  expect(growthVerdict([])).toBe('unknown')
})

test('axes are named; a name that is unknown, doubled or missing is none', () => {
  expect(axesNamed(['users', 'nodes'])?.map(({ axis }) => axis)).toEqual(['nodes', 'users'])
  for (const names of [[''], ['users', 'mail'], ['users', 'users'], []]) expect(axesNamed(names)).toBeUndefined()
})
