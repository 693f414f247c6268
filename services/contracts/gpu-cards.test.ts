import { expect, test } from 'vitest'
import { BATCHING_BY_ENGINE } from './gpu-cards.ts'
import { GPU_PROFILES, gpuProfile } from './gpu-profiles.ts'

test.each(Object.entries(GPU_PROFILES))('%s reads as a profile file, and a larger model is slower', (name, profile) => {
  expect(gpuProfile(JSON.stringify(profile))).toEqual(profile)
  expect(profile.name).toBe(name)
  const sizes = Object.keys(profile.speeds)
    .map(Number)
    .sort((a, b) => a - b)
  const speeds = sizes.map(size => profile.speeds[size]!)
  for (const [i, { decodeTokensPerSecond, prefillTokensPerSecond }] of speeds.entries()) {
    expect(decodeTokensPerSecond).toBeLessThan(speeds[i - 1]?.decodeTokensPerSecond ?? Number.POSITIVE_INFINITY)
    expect(prefillTokensPerSecond).toBeLessThan(speeds[i - 1]?.prefillTokensPerSecond ?? Number.POSITIVE_INFINITY)
  }
})

test.each(Object.entries(BATCHING_BY_ENGINE))('%s never does less with one answer more, nor as much as alone each', (_, curve) => {
  expect(curve[0]).toBe(1)
  for (const [i, speed] of curve.entries()) {
    expect(speed).toBeGreaterThanOrEqual(curve[i - 1] ?? 0)
    expect(speed).toBeLessThanOrEqual(i + 1)
  }
})
