import { expect, test } from 'vitest'
import { modelRun } from '#evidence/fixture'
import type { StoredRun } from '../../reports/summary.ts'
import { resultDocument } from './result.ts'
import { untilKnown } from './retry.ts'

const document = modelRun().run

async function tries(verdicts: ('pass' | 'fail' | 'unknown')[], retries: number) {
  const [done, said]: [StoredRun[], string[]] = [[], []]
  const left = [...verdicts]
  const run = async () => ({ document: { ...document, verdict: left.shift() ?? 'pass' }, folder: 'reports/runs/x' })
  const last = await untilKnown(run, retries, done, text => said.push(text))
  return { last: last.document.verdict, done, said }
}

test.each<[('pass' | 'fail' | 'unknown')[], number, string, number]>([
  [['pass'], 2, 'pass', 1],
  [['fail', 'pass'], 2, 'fail', 1],
  [['unknown', 'pass'], 0, 'unknown', 1],
  [['unknown', 'pass'], 2, 'pass', 2],
  [['unknown', 'fail'], 2, 'fail', 2],
  [['unknown', 'unknown', 'unknown', 'pass'], 2, 'unknown', 3],
])('%j, %d retries: %s after %d runs', async (verdicts, retries, last, runs) => {
  const seen = await tries(verdicts, retries)
  expect([seen.last, seen.done.length, seen.said.length]).toEqual([last, runs, runs - 1])
})

test('JSON keeps every try and counts the last', async () => {
  const { done } = await tries(['unknown', 'pass'], 1)
  const { runs, passed, unknown, retried } = resultDocument(done)
  expect(runs.map(run => [run.verdict, run.retried])).toEqual([
    ['unknown', true],
    ['pass', false],
  ])
  expect({ passed, unknown, retried }).toEqual({ passed: 1, unknown: 0, retried: 1 })
})
