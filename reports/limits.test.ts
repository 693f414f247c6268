import { expect, test } from 'vitest'
import { makespanNearIdeal, overtakesNearIdeal, waitNearIdeal } from '#checks/fairness'
import type { Check } from '#evidence/verdict'
import { limitOf } from './limits.ts'

const arm = (check: Check, measures: Record<string, number>) => ({
  checks: [{ name: check.name, verdict: 'pass' as const, detail: '', claim: check.claim, witnesses: [] }],
  measures,
})

test.each([
  [waitNearIdeal(3, 50), 'waitP95Ms', { idealWaitP95Ms: 40 }, 170],
  [makespanNearIdeal(30), 'makespanMs', { idealMakespanMs: 1_000 }, 1_300],
  [overtakesNearIdeal(20), 'excessOvertakes', { prompts: 600 }, 120],
])('the limit of $name is what its sentence says', (check, measure, measures, atMost) => {
  expect(limitOf(arm(check, measures), measure)).toEqual({ atMost, check: check.name, verdict: 'pass' })
})

test('no limit where no check sets one, or the ideal is not known', () => {
  expect(limitOf(arm(waitNearIdeal(3, 50), { idealWaitP95Ms: 40 }), 'tau')).toBeUndefined()
  expect(limitOf(arm(waitNearIdeal(3, 50), {}), 'waitP95Ms')).toBeUndefined()
})
