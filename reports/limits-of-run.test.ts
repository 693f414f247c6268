import { expect, test } from 'vitest'
import { modelRun } from '#evidence/fixture'
import { limitsOf } from './limits-of-run.ts'

const { run } = modelRun()
const told = (caveats: ReturnType<typeof limitsOf>) => caveats.map(({ what, why }) => `${what} ${why}`).join('\n')

test('the limits of a run', () => {
  const text = told(limitsOf(run))
  expect(text).toContain('share 2 cores')
  expect(text).toContain('No figure here was measured on such a card. synthetic-fast is made up')
  expect(text).toContain('GPU times are divided by 5 and nothing else')
  expect(text).toMatch(/mean: A [\d.]+ ms \(\d+ % of the fastest GPU's 20 ms\)/)
  expect(text).toContain('1 − 0.05^(1/n)')
  expect(text).not.toContain('too much')
})

test('a task held for longer than the consumer timeout in GPU time, with its arm', () => {
  const held = (ms: number) =>
    told(limitsOf({ ...run, arms: run.arms.map(arm => ({ ...arm, timeScale: 50, measures: { ...arm.measures, heldMaxMs: ms } })) }))
  expect(held(105_000)).toMatch(/consumer timeout\. A worker held a task, in GPU time: A up to 87\.5 min.* After 30\.0 min/)
  expect(held(36_000)).not.toContain('consumer timeout')
})

test('real time and a real model server: nothing of scale and simulation', () => {
  const arms = run.arms.map(arm => ({ ...arm, timeScale: 1, gpus: [{ name: 'gpu-fast', profile: '', url: 'http://127.0.0.1:11434' }] }))
  const text = told(limitsOf({ ...run, arms }))
  expect(text).not.toContain('Time scale')
  expect(text).not.toContain('Simulated')
})

test('a calibrated profile names whose figures', () => {
  const arms = run.arms.map(arm => ({ ...arm, gpus: [{ name: 'gpu-fast', profile: 'rtx-4090' }] }))
  expect(told(limitsOf({ ...run, arms }))).toContain('rtx-4090 is calibrated from figures measured by others')
})

test('noise that spoils a judgement of time is called so', () => {
  expect(told(limitsOf(modelRun({ foreignCpuPercent: 60 }).run))).toContain('A 60 % (worst second 60 %), too much')
})
