import { expect, test } from 'vitest'
import { loadFixture } from './fixture.ts'
import { boundText, cpuPerMessageUs, flatSettings, honestyOf, thresholdValue } from './words.ts'

test('a limit in the unit of its measure', () => {
  const limit = { name: '', bound: 'at-most' as const, limit: 650, value: 3_286, verdict: 'fail' as const }
  expect(boundText({ ...limit, measure: 'ttftP95Ms' })).toBe('at most 650 ms')
  expect(thresholdValue(3_286, { measure: 'latencyMs.p99' })).toBe('3.3 s')
  expect(thresholdValue(99.5, { measure: 'deliveredPercent' })).toBe('99.5 %')
  expect(thresholdValue(0, { measure: 'failed' })).toBe('0')
})

test('settings within others, one by one', () => {
  const plan = { forMs: 30_000, traffic: [{ kind: 'bot', users: 100 }, { kind: 'chat' }], faults: [], tamper: { every: 200 } }
  expect(flatSettings(plan)).toEqual([
    ['forMs', '30000'],
    ['traffic 1: kind', 'bot'],
    ['traffic 1: users', '100'],
    ['traffic 2: kind', 'chat'],
    ['tamper: every', '200'],
  ])
})

test('CPU by message delivered; none where none was', () => {
  const { load } = loadFixture({ seconds: 2, perSecond: 50 })
  expect(cpuPerMessageUs(load, 200)).toBe(2_000)
  expect(cpuPerMessageUs({ perSecond: [] }, 200)).toBeUndefined()
})

test('honesty: others were loud; not all was judged', () => {
  const { load } = loadFixture({ duringPercent: 40 })
  const text = honestyOf({ ...load, judgedShare: 0.25 })
    .map(({ what, why }) => `${what} ${why}`)
    .join(' ')
  expect(text).toContain('The machine was too noisy.')
  expect(text).toContain('25 % of the conversations were judged.')
  expect(text).not.toContain('not steady')
  const growing = load.perSecond.map((each, i) => ({ ...each, latencyMs: { p50: 5 + 5 * i, p99: 200, max: 300 } }))
  expect(honestyOf({ ...load, perSecond: growing }).map(({ what }) => what)).toContain('It was not steady.')
  expect(honestyOf({ ...load, events: 0 }).map(({ what }) => what)).toContain('No single event was recorded.')
})
