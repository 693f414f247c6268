import { expect, test } from 'vitest'
import { agreementText, type BesideModel } from './agreement.ts'

const BESIDE: BesideModel = {
  measuredP95Ms: 110,
  predictedP95Ms: 100,
  lowMs: 80,
  highMs: 150,
  idealP95Ms: 60,
  gapMs: 9.6,
  timeScale: 50,
  loadWithGap: 0.92,
  foreignWorstPercent: 5,
}
const said = (more: Partial<BesideModel>) => agreementText({ ...BESIDE, ...more })

test('model and measurement stand in GPU time, with the gap in it, the interval, and how near they are', () => {
  expect(said({})).toBe(
    'model, with the gap of 9.6 ms between two inferences x time scale 50 is 480 ms of GPU time and makes the load 92 %: p95 wait 5.0 s (4.0 s to 7.5 s), without it 3.0 s; measured 5.5 s: they agree within 10 %.',
  )
  expect(said({ timeScale: 1, loadWithGap: null })).toMatch(/^model, with the gap of 9\.6 ms between two inferences: p95 wait 100 ms /)
  expect(said({ measuredP95Ms: 140 })).toMatch(/they agree within the model's interval, 40 % apart\.$/)
})

test('apart, it says why: what the model leaves out, a busy machine, a shorter gap, or that it does not know', () => {
  const far = { measuredP95Ms: 300 }
  expect(said(far)).toMatch(/: 200 % apart\. Others used up to 5 % of the machine, which does not explain it\. See: npm run report$/)
  expect(said({ ...far, foreignWorstPercent: 60 })).toMatch(/: 200 % apart\. Others used up to 60 % of the machine\.$/)
  expect(said({ ...far, leftOut: 'A worker holds more than its slots' })).toMatch(
    /apart\. A worker holds more than its slots\. Others used/,
  )
  expect(said({ measuredP95Ms: 40 })).toMatch(/60 % apart\. The gap in this run was shorter/)
})

test('where only the worst is known, what lies up to it agrees', () => {
  const { lowMs: _, ...upTo } = BESIDE
  expect(agreementText({ ...upTo, measuredP95Ms: 140 })).toMatch(/\(up to 7\.5 s\).*they agree within the model's interval/)
  expect(agreementText({ ...upTo, measuredP95Ms: 40 })).toMatch(/60 % apart/)
})
