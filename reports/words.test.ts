import { expect, test } from 'vitest'
import { gpuProfile } from '#contracts/gpu-profiles'
import { modelRun } from '#evidence/fixture'
import { letterOf } from '#evidence/typed'
import { cardName, counted, outcome, printable, quantity, rateBoundPercent, worstFirst } from './words.ts'

test.each([
  [quantity(256.4, 'ms'), '256 ms'],
  [quantity(-17_500, 'ms'), '-17.5 s'],
  [quantity(66.123, 'percent'), '66.1 %'],
  [quantity(0.64329, 'number'), '0.643'],
  [quantity(15_639, 'number'), '15639'],
  [counted(1, 'arm'), '1 arm'],
  [counted(0, 'arm'), '0 arms'],
  [letterOf(0), 'A'],
  [letterOf(26), 'A1'],
])('%s = %s', (said, expected) => expect(said).toBe(expected))

test('printable: control characters become visible, lone surrogates U+FFFD, line ends and emoji stay', () => {
  expect(printable('a\x00b\x1b[31m\x7f')).toBe('a␀b␛[31m␡')
  expect(printable('\ud800 😀 \udc00\ufffe\x85')).toBe('\ufffd 😀 \ufffd\ufffd\ufffd')
  expect(printable('a\n\tb')).toBe('a\n\tb')
})

test('no violation in n runs bounds the rate', () => {
  expect(rateBoundPercent(1)).toBeCloseTo(95)
  expect(rateBoundPercent(59)).toBeCloseTo(4.95, 1)
})

test('outcome: unknown is not a pass', () => {
  expect(outcome(modelRun().run)).toBe('The claim held in 1 of 1 arm; 1 of 1 control broke, as each must.')
  expect(outcome(modelRun({ foreignCpuPercent: 60 }).run)).toContain('0 of 1 control broke, as each must; unknown is not a pass.')
})

test('failures come before what is unknown, and that before the rest', () => {
  const list = (['pass', 'unknown', 'broke', 'fail'] as const).map(verdict => ({ verdict }))
  expect(worstFirst(list).map(({ verdict }) => verdict)).toEqual(['fail', 'unknown', 'pass', 'broke'])
})

test.each([
  ['rtx-4090', 'rtx-4090'],
  [JSON.stringify({ ...gpuProfile('rtx-4090'), slots: 4 }), 'rtx-4090, 4 slots'],
  ['a card of an older run', 'a card of an older run'],
])('a card is called by its name: %s', (profile, expected) => {
  expect(cardName(profile)).toBe(expected)
})
