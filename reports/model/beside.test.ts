import { expect, test } from 'vitest'
import { besideEachOther } from './beside.ts'

const arm = (role: 'claim' | 'control', set: Record<string, unknown>, parameters: Record<string, unknown> = {}) => ({
  role,
  set,
  parameters,
  partSettings: {},
})

test('a control stands beside the arm that it differs least from', () => {
  const arms = [
    arm('claim', {}, { load: 0.8 }),
    arm('claim', {}, { load: 0.5 }),
    arm('control', { prefetch: 250 }, { load: 0.8 }),
    arm('control', { prefetch: 250 }, { load: 0.5 }),
  ]
  expect(besideEachOther(arms)).toEqual([
    [0, 2],
    [1, 3],
  ])
})

test('equally near: the one that has fewest beside it', () => {
  const arms = [
    arm('claim', { verb: 'reject' }),
    arm('claim', { verb: 'nack' }),
    arm('control', { verb: 'nack', queue: 'classic' }),
    arm('control', { handling: 'article' }),
  ]
  expect(besideEachOther(arms)).toEqual([
    [0, 3],
    [1, 2],
  ])
})

test('one claim has all controls beside it; controls alone stand alone', () => {
  expect(besideEachOther([arm('claim', {}), arm('control', { a: 1 }), arm('control', { b: 1 })])).toEqual([[0, 1, 2]])
  expect(besideEachOther([arm('control', {})])).toEqual([[0]])
})

test('an arm with somebody’s own value stands beside the claim’s arm that it was made of', () => {
  const changed = (set: Record<string, unknown>, load: number) => ({ ...arm('claim', set, { load }), changed: ['prefetch=20'] })
  const arms = [
    arm('claim', {}, { load: 0.8 }),
    arm('claim', {}, { load: 0.5 }),
    changed({ prefetch: 20 }, 0.8),
    changed({ prefetch: 20 }, 0.5),
  ]
  expect(besideEachOther(arms)).toEqual([
    [0, 2],
    [1, 3],
  ])
})
