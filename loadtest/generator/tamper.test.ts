import { expect, test } from 'vitest'
import { Tamper, type TamperKind } from './tamper.ts'

function written(kind: TamperKind, messages: number, every: number): number[] {
  const shown: number[] = []
  const tamper = new Tamper({ kind, every })
  for (let n = 1; n <= messages; n += 1) tamper.pass('phone', true, () => shown.push(n))
  tamper.flush()
  return shown
}

test('drop, duplicate and swap touch every n-th message only', () => {
  expect(written('drop', 7, 3)).toEqual([1, 2, 4, 5, 7])
  expect(written('duplicate', 7, 3)).toEqual([1, 2, 3, 3, 4, 5, 6, 6, 7])
  expect(written('swap', 7, 3)).toEqual([1, 2, 4, 3, 5, 7, 6])
})

test('a message without a partner to swap is shown at the end, not lost', () => {
  expect(written('swap', 3, 3)).toEqual([1, 2, 3])
})

test('a swap waits for the next of its own conversation; what does not count is left alone', () => {
  const shown: string[] = []
  const tamper = new Tamper({ kind: 'swap', every: 2 })
  const pass = (key: string, name: string, counts = true) => tamper.pass(key, counts, () => shown.push(name))
  pass('a', 'a1')
  pass('a', 'own', false)
  pass('a', 'a2')
  pass('b', 'b1')
  pass('a', 'a3')
  expect(shown).toEqual(['a1', 'own', 'b1', 'a3', 'a2'])
})
