import { expect, test } from 'vitest'
import { modelRun } from '#evidence/fixture'
import { junitXml } from './junit.ts'
import { summaryText } from './summary.ts'

const SKIPPED = [{ scenario: 'offline-backlog', code: 'BROKER_RESTART' }] as const

test('what was skipped is counted and listed with its code', () => {
  const { run } = modelRun({ prompts: 20 })
  expect(summaryText([{ document: run, folder: 'reports/runs/x' }], { skipped: SKIPPED })).toMatch(
    /\noffline-backlog: skipped, BROKER_RESTART: .*\n1 passed, 0 failed, 0 unknown, 1 skipped$/,
  )
  expect(summaryText([], { skipped: SKIPPED })).toMatch(/0 passed, 0 failed, 0 unknown, 1 skipped$/)
  expect(junitXml([run], SKIPPED)).toMatch(/<testcase classname="offline-backlog" name="[^"]*BROKER_RESTART[^"]*">\s*<skipped\/>/)
})
