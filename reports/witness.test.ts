import { expect, test } from 'vitest'
import type { HistoryEvent } from '#evidence/history'
import { actionText, witnessLines } from './witness.ts'

const fault = (atMs: number): HistoryEvent => ({ kind: 'fault', atMs, part: 'worker-fast', action: 'kill', proof: 'its process is gone' })
const check = (verdict: 'pass' | 'fail', ...witnesses: HistoryEvent[]) => ({
  verdict,
  breaches: [{ code: 'gap', values: {}, witnesses }],
})

test('only failed checks have witnesses, each once, a few of them', () => {
  expect(
    witnessLines([check('pass', fault(0)), check('fail', fault(1_000), fault(2_000), fault(1_000)), check('fail', fault(2_000))]),
  ).toEqual(['1.000 s  worker-fast: kill (its process is gone)', '2.000 s  worker-fast: kill (its process is gone)'])
  expect(witnessLines([check('fail', ...[1, 2, 3, 4, 5].map(fault))])).toHaveLength(3)
})

test('ids are cut, whatever the kind of event', () => {
  const task = '5579dbbb-ca8b-5ca4-8285-05f5db9c0ef6'
  const marked: HistoryEvent = { kind: 'marked', atMs: 1, task, as: 'poison' }
  const refused: HistoryEvent = { kind: 'inference', atMs: 1, task, attempt: 2, worker: 'worker-fast', heldMs: 3, outcome: 'failed' }
  expect(witnessLines([check('fail', marked, refused)])).toEqual([
    '0.001 s  marked task 5579dbbb…, as poison',
    '0.001 s  worker-fast asked its GPU for task 5579dbbb… (attempt 2) after holding it for 3 ms, which never began: failed',
  ])
})

test.each([
  [{ action: 'kill' }, 'kill'],
  [{ action: 'faults', switches: { status: 500, onlyPromptsWith: 'poison' } }, 'status 500, onlyPromptsWith poison'],
  [{ action: 'faults', switches: {} }, 'healed'],
])('%j is worded as %s', (fault, text) => expect(actionText(fault)).toBe(text))
