import { expect, test } from 'vitest'
import { modelRun } from '#evidence/fixture'
import { runMarkdown } from './markdown.ts'
import { waysOf, waysTable, waysTexts } from './ways.ts'

const { run } = modelRun()
const served = { ...run.arms[0]!.checks[0]!, name: 'every-prompt-served', verdict: 'fail' as const }
const placed = (way: string, situation: string, more: object = {}) => {
  const arm = run.arms[0]!
  return {
    ...arm,
    name: `${way}: ${situation}`,
    parameters: { way, situation },
    measures: { ...arm.measures, promptsUnserved: 0 },
    ...more,
  }
}
const ARMS = [
  placed('pull', 'a burst'),
  placed('pull', 'NAT'),
  placed('push', 'a burst', { measures: { promptsUnserved: 2, waitP50Ms: 10, waitP95Ms: 2_500 }, checks: [served] }),
]

test('a row for each situation and figure, a column for each way, a mark where the check failed', () => {
  const { head, rows } = waysTexts(waysOf({ arms: ARMS })!)
  expect(head).toEqual(['situation', 'measure', 'pull', 'push'])
  expect(rows).toHaveLength(6)
  expect(rows[0]).toEqual(['a burst', 'prompts without an answer', '0', '2 ✕'])
  expect(rows.map(([situation, , , push]) => [situation, push])).toEqual([
    ['a burst', '2 ✕'],
    ['a burst', '50 ms of GPU time (10 ms)'],
    ['a burst', '12.5 s of GPU time (2.5 s)'],
    ...Array.from({ length: 3 }, () => ['NAT', '–']),
  ])
  expect(runMarkdown({ ...run, arms: ARMS })).toContain('## Side by side\n\n| situation |')
})

test('as a table each row names its situation, seen or not', () => {
  const { markup } = waysTable(waysOf({ arms: ARMS })!, 30)
  expect(markup.match(/<span class="situation">a burst/g)).toHaveLength(1)
  expect(markup.match(/<span class="unseen">a burst/g)).toHaveLength(2)
  expect(markup).toContain('30 x as fast')
})

test('arms without both parameters have no such table', () => {
  expect(waysOf(run)).toBeUndefined()
  expect(runMarkdown(run)).not.toContain('Side by side')
})
