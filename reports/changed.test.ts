import { expect, test } from 'vitest'
import { modelRun } from '#evidence/fixture'
import type { RunDocument } from '#evidence/run-document'
import { columnsOf } from '../services/terminal/text.ts'
import { askedNotes, changedText } from './changed.ts'
import { runMarkdown } from './markdown.ts'
import { summaryText } from './summary.ts'
import { outcome } from './words.ts'

const VALUE = 'workerPrefetchTasks=20'
const asked = { set: [VALUE], arms: [], gpus: [], gpu: [] }

/** The claim's arm, the control, and the claim's arm with a value that hoards. */
function changedRun(more: Partial<RunDocument> = {}): RunDocument {
  const { run } = modelRun()
  const [claim, control] = run.arms
  const hoards = modelRun({ claimPrefetch: 250 }).run.arms[0]!
  const changed = { ...hoards, name: `A with ${VALUE}`, changed: [VALUE] }
  return { ...run, verdict: 'fail', asked, arms: [claim!, control!, changed], ...more }
}

test('a line an arm: the changed one beside the claim’s own, and what failed, in one screen', () => {
  const text = summaryText([{ document: changedRun(), folder: 'reports/runs/one' }])
  const lines = text.split('\n')
  expect(lines.length).toBeLessThanOrEqual(40)
  expect(lines.filter(line => columnsOf(line) > 80 && !/Again:|Compare:/.test(line))).toEqual([])
  expect(text).toMatch(/role +arm +.*p95 wait[\s\S]*A {2}claim[\s\S]*B {2}control[\s\S]*C {2}changed +A with/)
  expect(text).toMatch(/C {2}changed .* s ✕ .* fail/)
  expect(text).toContain('✕ beyond the limit of the claim')
  expect(text).toMatch(/\nC {2}the claim does not hold: wait-near-ideal: p95 wait/)
  expect(text).toContain('compare reports/runs/one#A reports/runs/one#C')
})

test('several runs: the middle with both ends, and how often the claim held', () => {
  const slower = changedRun()
  const arms = slower.arms.map((arm, i) => (i === 0 ? { ...arm, measures: { ...arm.measures, waitP95Ms: 90 } } : arm))
  const text = changedText([changedRun(), changedRun({ arms })], 200)
  expect(text).toMatch(/claim .* \(.*–450 ms\)[\s\S]*2 x pass[\s\S]*p95 wait: in GPU time; on the wall 1\/5 of it/)
  expect(text).toMatch(/C {2}the claim holds in 0 of 2 runs: wait-near-ideal/)
  expect(summaryText([changedRun(), changedRun()].map(document => ({ document, folder: 'f' })))).toMatch(
    /made-up, 2 runs: middle \(least–most\)/,
  )
})

test('a changed arm is neither claim nor control where roles are counted', () => {
  expect(outcome(changedRun())).toBe(
    'The claim held in 1 of 1 arm; with other values it held in 0 of 1; 1 of 1 control broke, as each must.',
  )
  expect(runMarkdown(changedRun())).toContain(`| A with ${VALUE} | changed |`)
})

test.each([
  [{ arms: ['A'] }, /only the arms asked for \(A\): not all of its controls ran/],
  [{ gpus: ['t4', 'l4'] }, /on GPUs of the command line/],
])('what was not its own is noted: %j', (more, words) =>
  expect(askedNotes(changedRun({ asked: { ...asked, ...more } })).join(' ')).toMatch(words),
)

test('without controls nothing shows that the checks can fail', () => {
  const [claim] = changedRun().arms
  expect(askedNotes({ asked: { ...asked, arms: ['A'] }, arms: [claim!] }).join(' ')).toMatch(/no control ran/)
})
