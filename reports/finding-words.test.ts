import { expect, test } from 'vitest'
import { ALL_CHECKS } from '#checks/all'
import { waitNearIdeal } from '#checks/fairness'
import { reason } from '#evidence/finding'
import { modelRun } from '#evidence/fixture'
import { MUTATIONS } from '../scenarios/evidence/mutants/mutants.ts'
import { validHistory } from '../scenarios/evidence/mutants/valid-history.ts'
import { findingText, reasonText, verdictText, verdictTexts } from './finding-words.ts'

test.each(MUTATIONS)('$name: what the check finds is worded in full', ({ caughtBy, mutate }) => {
  const check = ALL_CHECKS.find(({ name }) => name === caughtBy)!
  const texts = Array.from({ length: 40 }, (_, seed) => {
    const history = validHistory(seed + 1)
    const events = mutate(history, seed + 1)
    return events === null ? undefined : findingText(check.judge({ ...history, events }))
  }).filter(text => text !== undefined)
  expect(texts.length).toBeGreaterThan(0)
  for (const text of texts) expect(text).toMatch(/^[^{}]*\w[^{}]*$/)
  // A value without its word would leave two blanks, or a comma behind one.
  for (const text of texts) expect(text).not.toMatch(/ {2}| ,|undefined|NaN/)
})

test('a broken limit names the measure, its value and the limit, each in its unit', () => {
  const [, control] = modelRun().run.arms
  expect(verdictText(control!)).toMatch(
    /^wait-near-ideal: p95 wait [\d.]+ m?s, limit [\d.]+ m?s \(3 x the ideal [\d.]+ m?s \+ 50 ms\); 200 prompts judged$/,
  )
  const values = { measure: 'waitP95Ms', value: 7_400, atMost: 249.15, factor: 5, idealP95Ms: 37.83, slackMs: 60 }
  const found = { verdict: 'fail' as const, breaches: [{ code: 'wait-over-ideal', values, witnesses: [] }], found: 2 }
  expect(findingText(found)).toBe('p95 wait 7.4 s, limit 249 ms (5 x the ideal 37.83 ms + 60 ms) (and 1 more breach)')
  expect(control!.checks[0]!.limits).toEqual([{ measure: 'waitP95Ms', value: expect.any(Number), atMost: expect.any(Number) }])
})

test('a band of a worker’s share names the worker', () => {
  const values = { measure: 'shareOfWorkerFastPercent', value: 90, low: 60, high: 70, predicted: 65 }
  const text = (more: object) =>
    findingText({ verdict: 'fail', breaches: [{ code: 'outside-band', values: { ...values, ...more }, witnesses: [] }], found: 1 })
  expect(text({ worker: 'worker-fast' })).toBe('share of worker-fast 90.0 %, expected 60.0 % to 70.0 % (predicted 65.0 %)')
  expect(text({})).toBe('shareOfWorkerFastPercent 90, expected 60 to 70 (predicted 65)')
})

test('a limit that was missed by a hair shows both figures in full', () => {
  const found = (value: number) => ({ code: 'over-limit', values: { measure: 'makespanMs', value, atMost: 5_081.94 }, witnesses: [] })
  const text = (value: number) => findingText({ breaches: [found(value)], found: 1, verdict: 'fail' })
  expect(text(5_133.21)).toBe('all done after 5133.21 ms, limit 5081.94 ms')
  expect(text(7_000)).toBe('all done after 7.0 s, limit 5.1 s')
})

test('one stands in the singular, whatever is counted', () => {
  const held = (limits: number) => reasonText(reason('load-held', { checks: 2, limits, delivered: 9 }))
  expect([held(1), held(2)].map(text => text.split(', ')[1])).toEqual(['1 limit', '2 limits'])
  const judged = (count: number, of: string) => findingText({ verdict: 'pass', breaches: [], found: 0, judged: { count, of } })
  expect(judged(1, 'prompts-that-met-a-sick-GPU')).toBe('1 prompt that met a sick GPU judged')
  expect(judged(1, 'accepted-messages')).toBe('1 accepted message judged')
  expect(judged(2, 'accepted-messages')).toBe('2 accepted messages judged')
})

test('every check that failed, the one that decides first', () => {
  const { arms } = modelRun({ claimPrefetch: 250 }).run
  const texts = verdictTexts(arms[0]!)
  expect(texts.map(text => text.split(':')[0])).toEqual(['wait-near-ideal', 'overtakes-near-ideal'])
})

test('an arm that did not end as planned: what was seen last, and the noise that may have caused it', () => {
  const noise = reason('noise', { meanPercent: 60, worstPercent: 80.4 })
  expect(reasonText(reason('no-rest', { lastSeen: '3 ready in bot.tasks' }, noise))).toBe(
    'too noisy to tell: other processes used 60 % of the machine (allowed 12 %), 80.4 % at worst, and the arm never became idle (last seen: 3 ready in bot.tasks)',
  )
  expect(reasonText(reason('error', { lastSeen: 'Error: broken\n    at here' }))).toBe('the arm ended by an error: Error: broken')
})

test('a doubted breach: the doubt, then what was found', () => {
  const history = { events: [], sequenced: true, robot: 'URobot', workers: [], attemptsMax: 3 }
  expect(findingText(waitNearIdeal(3, 50).judge(history))).toBe('no prompts to judge')
  const { run } = modelRun({ foreignCpuPercent: 60 })
  expect(findingText(run.arms[1]!.checks[0]!)).toMatch(/^too noisy to tell: .*: p95 wait .*, limit .*; 200 prompts judged$/)
})

test('a control that did not break: over its limit in doubt, or within it', () => {
  const breach = { code: 'over-limit', values: { measure: 'waitP95Ms', value: 7_400, atMost: 223 }, witnesses: [] }
  const check = { name: 'wait-near-ideal', found: 1, breaches: [breach] }
  const text = (verdict: 'unknown' | 'pass', more: object) =>
    reasonText(reason('did-not-break', { check: 'wait-near-ideal', verdict }), [{ ...check, verdict, ...more }])
  expect(text('unknown', { why: reason('noise', { meanPercent: 59.8, worstPercent: 80 }) })).toBe(
    'wait-near-ideal fails in this control, as it must, but that is not counted: too noisy to tell: other processes used 59.8 % of the machine (allowed 12 %), 80 % at worst: p95 wait 7.4 s, limit 223 ms',
  )
  const kept = text('pass', { breaches: [], found: 0, judged: { count: 200, of: 'prompts' } })
  expect(kept).toMatch(/^wait-near-ideal must fail in this control, and did not \(pass\): 200 prompts judged\. Does .* npm run report$/)
})

test('a code of a newer lab is shown with its values', () =>
  expect(reasonText({ code: 'gpu-too-hot', values: { gpu: 'gpu-fast', degrees: 90 } })).toBe('gpu-too-hot, gpu gpu-fast, degrees 90'))
