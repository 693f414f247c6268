import { expect, test } from 'vitest'
import { GPU_PROFILES } from '#contracts/gpu-profiles'
import { type Warm, workOf } from './work.ts'

/** A second each, whatever it is asked. */
const profile = { ...GPU_PROFILES['synthetic-fast']!, fixedServiceMs: 1_000 }
const asked = { profile, questionTokens: 20, answerTokens: 48, spread: 0.02, server: { billions: 0.135 }, prompts: 500, load: 0.5, seed: 1 }
const inTurn = (tookMs: number): Warm[] => Array.from({ length: 5 }, () => ({ tookMs }))

test('the warm-up tells what the lab costs the server; load counts both', () => {
  const work = workOf(asked, 50, inTurn(1_200))
  expect([work.gapMs, work.beside, work.spread]).toEqual([50, expect.closeTo(1.2, 9), 0.08])
  const everyMs = (work.dueMs.at(-1) ?? 0) / work.dueMs.length
  expect(everyMs / (1_250 / 0.5)).toBeGreaterThan(0.9)
  expect(everyMs / (1_250 / 0.5)).toBeLessThan(1.1)
})

test('two at once, each of which takes longer for the other, cost nothing besides', () => {
  const two = { ...asked, profile: { ...profile, slots: 2, batching: [1, 1.6] } }
  // Together 1.6 times as fast as one: each 2 / 1.6 times as long.
  const warm = inTurn(1_250).flatMap(one => [one, one])
  expect(workOf(two, 0, warm).beside).toBeCloseTo(1, 9)
})
