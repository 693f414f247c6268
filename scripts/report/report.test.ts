import { describe, expect, test } from 'vitest'
import { makespanNearIdeal } from '#checks/fairness'
import { judgeArm } from '#checks/judge'
import { modelHistory } from '#checks/model-history'
import type { RunDocument } from '#checks/run-document'
import { measuresOf } from '#checks/schedule'
import { allAnswered } from '#checks/tasks'
import { sameTasks } from '#predictor'
import { junitXml } from './junit.ts'
import { runMarkdown } from './markdown.ts'
import { runHtml } from './page.ts'
import { summaryText } from './summary.ts'

/** A run as a lab would leave it, out of the model: a claim arm and a control that breaks. */
const CHECKS = [makespanNearIdeal(30), allAnswered]
const histories = new Map<string, ReturnType<typeof modelHistory>['events']>()

function arm(name: string, role: 'claim' | 'control', prefetchTasks: number): RunDocument['arms'][number] {
  const workers = ['worker-fast', 'worker-slow'].map(worker => ({ name: worker, prefetchTasks, slots: 1 }))
  const { events, ...facts } = modelHistory(sameTasks(200, [20, 70]), workers)
  histories.set(name, events)
  const judged = judgeArm({ ...facts, events }, CHECKS, { name, role, breaks: 'makespan-near-ideal' })
  return {
    name,
    role,
    verdict: judged.verdict,
    detail: judged.detail,
    ...(role === 'control' ? { breaks: 'makespan-near-ideal', mayBreak: [], because: 'it <hoards> & "keeps"' } : {}),
    set: { workerPrefetchTasks: prefetchTasks },
    partSettings: {},
    parameters: { prompts: 200 },
    gpus: [{ name: 'gpu-fast', profile: 'synthetic-fast' }],
    timeScale: 5,
    taskQueueType: 'quorum',
    facts,
    checks: judged.findings.map(({ check, ...found }) => ({
      name: check,
      claim: CHECKS.find(c => c.name === check)?.claim ?? '',
      ...found,
    })),
    measures: measuresOf({ ...facts, events }),
    predicted: { makespanMs: { value: 3_100, low: 3_000, high: 3_200 } },
    foreignCpuPercent: { mean: 1, worst: 3 },
    events: events.length,
    tookMs: 4_000,
  }
}
const RUN: RunDocument = {
  schemaVersion: 1,
  scenario: 'bursts',
  claim: 'A burst is begun in order.',
  seed: 1,
  size: 'quick',
  runtime: 'native',
  verdict: 'pass',
  startedAt: '2026-11-24T10:00:00.000Z',
  tookMs: 9_000,
  command: 'npm run scenario -- bursts --seed 1 --size quick',
  versions: { lab: '0.1.0', node: 'v24', broker: 'RabbitMQ 3.10.8', database: 'PostgreSQL 18' },
  commit: { id: 'abc', dirty: false },
  machine: { cpu: 'a CPU', cores: 2, memoryGiB: 24, system: 'Linux' },
  arms: [arm('prefetch 1', 'claim', 1), arm('prefetch 100', 'control', 100)],
}
const plain = (_: string, text: string) => text

describe('the page', () => {
  const page = runHtml(RUN, histories)
  test('has no script and names no other place', () => {
    expect(page).not.toMatch(/<script|\bon[a-z]+=|https?:\/\/|url\((?!#)|@import|<link|<img/)
    expect(page).toContain('default-src &#39;none&#39;')
  })
  test('shows verdict, both pictures, measured beside predicted, and the command', () => {
    expect(page.match(/<svg class="chart"/g)).toHaveLength(2)
    for (const text of ['✓', 'broke, as it must', 'Must break makespan-near-ideal', RUN.command, 'predicted (band)', '<b>outside</b>'])
      expect(page).toContain(text)
  })
  test('escapes what it is given', () => {
    expect(page).toContain('it &lt;hoards&gt; &amp; &quot;keeps&quot;')
    expect(page).not.toContain('<hoards>')
  })
  test('stays small, and is the same for the same run', () => {
    expect(page.length).toBeLessThan(400_000)
    expect(runHtml(RUN, histories)).toBe(page)
  })
})

test('an arm without inferences has a page too', () => {
  const quiet = { ...RUN, arms: [{ ...RUN.arms[0]!, name: 'quiet' }] }
  expect(runHtml(quiet, new Map([['quiet', []]]))).toContain('quiet')
})

describe('the summary', () => {
  test('verdict first, within 80 columns, measured beside ideal, predicted and limit', () => {
    const text = summaryText([{ document: RUN, folder: 'reports/runs/x' }], { ink: plain, width: 80 })
    expect(text.split('\n')[0]).toMatch(/^PASS {4}bursts {2}seed 1, 2 arms, 9\.0 s$/)
    expect(Math.max(...text.split('\n').map(line => line.length))).toBeLessThanOrEqual(80)
    expect(text).toMatch(/all done after 7\.0 s {2}\(ideal 3\.1 s/)
    expect(text.split('\n').at(-1)).toBe('1 passed, 0 failed, 0 unknown')
  })
  test('what needs a look comes first, with its witnesses and the way back', () => {
    const broken: RunDocument = { ...RUN, scenario: 'other', verdict: 'fail', arms: [{ ...RUN.arms[1]!, role: 'claim', verdict: 'fail' }] }
    const text = summaryText(
      [
        { document: RUN, folder: 'a' },
        { document: broken, folder: 'b' },
      ],
      { ink: plain, width: 100 },
    )
    expect(text).toMatch(/^FAIL {4}other/)
    expect(text).toContain('| ')
    expect(text).toContain(`again: ${RUN.command}`)
    expect(text).toContain('evidence: b')
  })
})

test('Markdown: one table of arms, one of figures, nothing that ends a cell', () => {
  const text = runMarkdown({ ...RUN, arms: [{ ...RUN.arms[0]!, detail: 'a | b\nc' }] })
  expect(text).toContain('# PASS: bursts')
  expect(text).toContain('a \\| b c')
})

describe('JUnit', () => {
  const xml = junitXml([RUN, { ...RUN, arms: [{ ...RUN.arms[1]!, verdict: 'unknown', detail: 'ctrl \x00\x08\x1b ]]> \ud800 😀' }] }])
  test('a case an arm; a control that broke passed, unknown is an error', () => {
    expect(xml.match(/<testcase/g)).toHaveLength(3)
    expect(xml.match(/<error/g)).toHaveLength(1)
    expect(xml).not.toContain('<failure')
  })
  test('no character that XML forbids', () => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    expect(xml).not.toMatch(/[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff](?<![\ud800-\udbff][\udc00-\udfff])(?![\udc00-\udfff])/)
    expect(xml).toContain('😀')
  })
})
