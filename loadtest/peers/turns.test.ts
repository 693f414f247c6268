import { expect, test } from 'vitest'
import type { PeerSample } from '#evidence/peers-document'
import { inTurn, type Turn } from './turns.ts'

/** @param others what others use in each piece, in order; then 0. Percent of the machine. */
async function order(turns: (Turn<PeerSample> & { name: string })[], repetitions: number, others: number[] = []): Promise<string> {
  const seen: string[] = []
  await inTurn({ repetitions }, turns, async ({ name }, repetition) => {
    seen.push(`${name}${repetition}`)
    return { repetition, foreignPercent: others.shift() ?? 0 } as PeerSample
  })
  return seen.join(' ')
}
const turn = (name: string, repetitions: number) => ({ name, repetitions, samples: [] as PeerSample[] })

test('systems run in turn; what decides nothing runs less often', async () => {
  expect(await order([turn('a', 3), turn('b', 3), turn('c', 1)], 3)).toBe('a0 b0 c0 a1 b1 a2 b2')
})

test('a disturbed round ends and is followed by another; its pieces are kept', async () => {
  const turns = [turn('a', 2), turn('b', 2)]
  expect(await order(turns, 2, [0, 50])).toBe('a0 b0 a1 b1 a2 b2')
  expect(turns.map(({ samples }) => samples.length)).toEqual([3, 3])
  expect(await order([turn('a', 2), turn('b', 2)], 2, [50])).toBe('a0 a1 b1 a2 b2')
})

test('a machine that never gets quiet ends it', async () => {
  expect(await order([turn('a', 2)], 2, [90, 90, 90, 90, 90])).toBe('a0 a1 a2 a3')
})
