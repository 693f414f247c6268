import { describe, expect, test } from 'vitest'
import { overtakesNearIdeal, waitNearIdeal } from '#checks/fairness'
import { allAnswered } from '#checks/tasks'
import { modelRun } from '#evidence/fixture'
import { scenario } from './index.ts'
import { judgeAgain } from './judge-again.ts'

const spec = {
  claim: '',
  sizes: { quick: {}, full: {} },
  arms: [{ name: 'small prefetch' }],
  run: () => Promise.resolve(),
  checks: [waitNearIdeal(3, 50), overtakesNearIdeal(20), allAnswered],
}
const control = { name: 'prefetch 250', breaks: 'wait-near-ideal', mayBreak: ['overtakes-near-ideal'], because: '' }
const madeUp = scenario('made-up', { ...spec, controls: [control] })

describe('a stored run', () => {
  const { run, histories } = modelRun()

  test('passes with all arms of its scenario', () => {
    expect(judgeAgain(madeUp, run, histories)).toMatchObject({ verdict: 'pass', missing: [] })
  })

  test.each([0, 1])('is unknown when it was cut short, and names the missing arm', kept => {
    const arms = run.arms.filter((_, i) => i === kept)
    const missing = run.arms[1 - kept]?.name
    expect(judgeAgain(madeUp, { ...run, arms }, histories)).toMatchObject({ verdict: 'unknown', missing: [missing] })
  })

  test('fails when an arm that it holds failed, whatever is missing', () => {
    const bad = modelRun({ claimPrefetch: 250 })
    const arms = bad.run.arms.slice(0, 1)
    expect(judgeAgain(madeUp, { ...bad.run, arms }, bad.histories)).toMatchObject({ verdict: 'fail', missing: ['prefetch 250'] })
  })

  test('is unknown when the history of an arm is gone', () => {
    expect(judgeAgain(madeUp, run, new Map([...histories].slice(0, 1))).verdict).toBe('unknown')
  })

  test("goes by today's list of what a control may break", () => {
    const strict = scenario('made-up', { ...spec, controls: [{ ...control, mayBreak: [] }] })
    expect(judgeAgain(strict, run, histories).verdict).toBe('unknown')
  })
})
