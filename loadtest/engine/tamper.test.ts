import { expect, test } from 'vitest'
import type { HistoryEvent } from '#evidence/history'
import { type TamperPlan, tampered } from './tamper.ts'

/** `a1`: the first message of conversation a; one in brackets is the user's own. */
function written(plan: TamperPlan, names: string[]): string[] {
  const shown = names.map((name, atMs): HistoryEvent => {
    const [user, sender] = ['ann', name.startsWith('(') ? 'ann' : 'bob']
    const about = { conversation: name.replace(/[^a-z]/g, ''), seq: 1, to: 'ann', clientMessageId: name }
    return { kind: 'shown', atMs, user, device: 'phone', sender, ...about }
  })
  const out = tampered([{ kind: 'ready', atMs: 0, ready: 0 } as unknown as HistoryEvent, ...shown], plan)
  return out.flatMap(event => (event.kind === 'shown' ? event.clientMessageId : []))
}
const SEVEN = ['a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7']

test.each([
  ['drop', ['a1', 'a2', 'a4', 'a5', 'a7']],
  ['duplicate', ['a1', 'a2', 'a3', 'a3', 'a4', 'a5', 'a6', 'a6', 'a7']],
  ['swap', ['a1', 'a2', 'a4', 'a3', 'a5', 'a7', 'a6']],
] as const)('%s touches every third message and no other', (kind, expected) => expect(written({ kind, every: 3 }, SEVEN)).toEqual(expected))

test('what is swapped with nothing is shown at the end, not lost', () =>
  expect(written({ kind: 'swap', every: 3 }, ['a1', 'a2', 'a3'])).toEqual(['a1', 'a2', 'a3']))

test('a swap waits for the next of its own conversation; what does not count is left alone', () =>
  expect(written({ kind: 'swap', every: 2 }, ['a1', '(a)', 'a2', 'b1', 'a3'])).toEqual(['a1', '(a)', 'b1', 'a3', 'a2']))
