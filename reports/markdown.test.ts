import { expect, test } from 'vitest'
import { modelRun } from '#evidence/fixture'
import { runMarkdown } from './markdown.ts'

test('verdict, measures, checks, controls, limits, replay, in this order', () => {
  const { run, histories } = modelRun()
  const text = runMarkdown(run)
  expect(text).toMatch(/^# PASS made-up\n/)
  expect(text.match(/^## .*/gm)).toEqual(['## Arms', '## Measures', '## Checks', '## Controls', '## Limits', '## Replay'])
  expect(runMarkdown(run, histories)).toMatch(/## What an autoscaler sees\n\nWhat KEDA's[\s\S]*\| B \| 2 \| \d+ \| 0 \| \d \| 0 of \d+ \|/)
  expect(text).toMatch(/\| p95 wait \| A \| \d+ ms \| \d+ ms \| \d+ ms \(\d+–\d+ ms\) \| \d+ ms \(pass\) \|/)
  expect(text).toMatch(/times as long\./)
  expect(text).toContain('1 − 0.05^(1/n)')
})

test('a failure stands before everything else, with its witnesses', () => {
  const text = runMarkdown(modelRun({ claimPrefetch: 250 }).run)
  expect(text).toMatch(/^# FAIL/)
  expect(text).toMatch(/## Failed or unknown\n\n- \*\*small prefetch\*\*: fail\. .*\n {2}- \d+\.\d{3} s/)
  expect(text.indexOf('Failed or unknown')).toBeLessThan(text.indexOf('## Arms'))
})

test('text stays text', () => {
  const { run } = modelRun()
  const text = runMarkdown({ ...run, claim: 'a|b `c` <script> [d](e) \x1b\nnext' })
  expect(text).toContain('a\\|b \\`c\\` \\<script\\> \\[d\\](e) ␛ next')
})
