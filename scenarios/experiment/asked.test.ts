import { describe, expect, test } from 'vitest'
import { gpuProfile } from '#contracts/gpu-profiles'
import { EXIT } from '#contracts/parts'
import type { Asked } from '#evidence/asked'
import type { LabPlan } from '../lab/plan.ts'
import { planOf } from './arm-plan.ts'
import { asAsked } from './asked.ts'
import { type Scenario, scenario } from './definition.ts'
import { EXACT_GPUS } from './pieces.ts'

const check = { name: 'fair', claim: '', judge: () => ({ name: 'fair' }) as never }
const one = (more: Partial<Scenario> = {}): Scenario => ({
  ...scenario<object>('one', {
    claim: 'It is fair.',
    sizes: { quick: { load: 1 }, full: { load: 1 } },
    plan: { gpus: EXACT_GPUS, settings: { timeScale: 5 } },
    arms: [
      { name: 'at 80 %', with: { load: 0.8 } as object },
      { name: 'at 50 %', set: { workerSlots: 2 }, judgedBy: ['fair'] },
    ],
    controls: [{ name: 'spring', set: { workerPrefetchTasks: 250 }, breaks: 'fair', because: 'it hoards' }],
    run: async () => undefined,
    checks: [check],
  }),
  ...more,
})
const asked = (more: Partial<Asked>): Asked => ({ set: [], arms: [], gpus: [], gpu: [], ...more })
const names = ({ arms, controls }: Scenario) => [...arms, ...controls].map(({ name }) => name)
const plans = (given: Scenario, arm = given.arms[0]!) => planOf(given, arm, given.sizes.quick, 1, undefined) as LabPlan

test('nothing asked: the scenario itself', () => {
  const own = one()
  expect(asAsked(own, asked({}))).toBe(own)
})

describe("a mistake in a scenario's file", () => {
  test('an unknown check names the file, the nearest one and all', () => {
    const wrong = (): Scenario => scenario<object>('one', { ...one(), controls: [{ ...one().controls[0]!, breaks: 'fairr' }] })
    expect(wrong).toThrow(
      expect.objectContaining({
        code: 'BAD_SCENARIO',
        exitCode: EXIT.usage,
        message: expect.stringMatching(/^scenarios\/one\.scenario\.ts: breaks: .*"fairr"\. Did you mean fair\?\nIts checks: fair\n/),
      }),
    )
  })

  test('an unknown setting of a control is found before anything starts', () => {
    const control = { ...one().controls[0]!, set: { workerPrefetch: 250 } as object }
    expect(() => asAsked(one({ controls: [control] }), asked({}))).toThrow(
      expect.objectContaining({
        code: 'BAD_SETTING',
        exitCode: EXIT.usage,
        message: expect.stringMatching(
          /^scenarios\/one\.scenario\.ts, control "spring": workerPrefetch: .*Did you mean workerPrefetchTasks/,
        ),
      }),
    )
  })
})

describe('--set', () => {
  const set = ['workerPrefetchTasks=20', 'worker-slow:workerPrefetchTasks=3']

  test('each claim runs once more with the values, marked, and no control is changed', () => {
    const own = asAsked(one(), asked({ set }))
    expect(names(own)).toEqual(['at 80 %', 'at 50 %', `A with ${set.join(', ')}`, `B with ${set.join(', ')}`, 'spring'])
    expect(own.arms.map(({ changed }) => changed)).toEqual([undefined, undefined, set, set])
    expect(own.arms[3]).toMatchObject({
      set: { workerSlots: 2, workerPrefetchTasks: '20' },
      partSettings: { 'worker-slow': { workerPrefetchTasks: '3' } },
      judgedBy: ['fair'],
    })
    expect(own.arms[2]).toMatchObject({ with: { load: 0.8 } })
    expect(own.controls).toEqual(one().controls)
    expect(own.typed).toBe('one --set workerPrefetchTasks=20 --set worker-slow:workerPrefetchTasks=3')
  })

  test('of a control alone: a copy that is judged as a claim', () => {
    const own = asAsked(one(), asked({ set: ['workerPrefetchTasks=2'], arms: ['C'] }))
    expect(names(own)).toEqual(['A with workerPrefetchTasks=2', 'spring'])
    expect(own.arms[0]).not.toHaveProperty('breaks')
    expect(own.arms[0]).toMatchObject({ set: { workerPrefetchTasks: '2' } })
  })
})

test.each([
  [['b'], ['at 50 %']],
  [['AT 80 %'], ['at 80 %']],
  [['80'], ['at 80 %']],
  [
    ['spring', 'A'],
    ['at 80 %', 'spring'],
  ],
])('--arm %j runs %j', (arms, expected) => expect(names(asAsked(one(), asked({ arms })))).toEqual(expected))

describe('--gpus', () => {
  test('an exact experiment takes the cards’ speeds in proportion, the fastest at 100 ms', () => {
    const own = asAsked(one({ gpus: 'unequal' }), asked({ gpus: ['rtx-3060', 'rtx-4090', 'rtx-3060'] }))
    const { gpus, workers } = plans(own)
    const times = gpus.map(({ profile }) => gpuProfile(profile).fixedServiceMs ?? 0)
    expect(times[1]).toBe(100)
    expect(times[0]).toBe(times[2])
    // 134 and 53.1 tokens a second of an 8b model, and what stands before the first token.
    expect(times[0]).toBeGreaterThan(200)
    expect(times[0]).toBeLessThan(252)
    expect(workers.map(({ name }) => name)).toEqual(['worker-1', 'worker-2', 'worker-3'])
    expect(plans(asAsked(one({ gpus: 'any' }), asked({ gpu: ['gpu-third=synthetic-slow'] }))).gpus).toEqual([
      ...EXACT_GPUS,
      { name: 'gpu-third', profile: 'synthetic-slow' },
    ])
  })
})

test.each<[Partial<Asked>, Partial<Scenario>, string, RegExp]>([
  [{ arms: ['Z'] }, {}, 'UNKNOWN_ARM', /got "Z"\n {2}A {2}at 80 %[\s\S]*--arm A/],
  [{ arms: ['at'] }, {}, 'UNKNOWN_ARM', /got "at"/],
  [{ set: ['prefetch=1'] }, {}, 'BAD_SETTING', /npm run settings/],
  [{ set: ['worker-9:workerSlots=1'] }, {}, 'UNKNOWN_PART', /worker-slow/],
  [{ set: ['gpuProfile=t4'] }, {}, 'BAD_SETTING', /--gpus or --gpu/],
  [{ gpus: ['t4', 'l4'] }, {}, 'GPUS_FIXED', /its own GPUs, gpu-fast and gpu-slow, got 2 GPUs/],
  [{ gpus: ['t4', 't4'] }, { gpus: 'unequal' }, 'GPUS_FIXED', /two or more unequal GPUs, got the slowest taking 1\.00 x/],
  [{ gpus: ['t4'] }, { gpus: 'unequal' }, 'GPUS_FIXED', /got 1 GPU:/],
  [{ gpus: ['3060'] }, { gpus: 'any' }, 'UNKNOWN_GPU_PROFILE', /rtx-3060/],
])('refused before anything runs: %j', (given, more, code, words) => {
  expect(() => asAsked(one(more), asked(given))).toThrow(expect.objectContaining({ code, message: expect.stringMatching(words) }))
})
