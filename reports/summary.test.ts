import { styleText } from 'node:util'
import { describe, expect, test } from 'vitest'
import { type ModelRunOptions, modelRun } from '#evidence/fixture'
import { columnsOf } from '../services/terminal/text.ts'
import type { Ink } from './ink.ts'
import { type StoredRun, startText, summaryText } from './summary.ts'

const stored = (options?: ModelRunOptions): StoredRun => ({ document: modelRun(options).run, folder: 'reports/runs/one' })
const passed = stored()
const failed = stored({ claimPrefetch: 250 })
const unknown = stored({ foreignCpuPercent: 60 })
const colour: Ink = (style, text) => styleText(style, text, { validateStream: false })

test('the verdict comes first', () => {
  expect(summaryText([passed])).toMatch(/^PASS made-up \(2 arms, 98\.0 s\)\n/)
  expect(summaryText([failed])).toMatch(/^FAIL made-up/)
  expect(summaryText([unknown])).toMatch(/^UNKNOWN made-up/)
})

test('the claim stands below the verdict; before the run with who is who', () => {
  expect(summaryText([passed])).toMatch(/^PASS .*\n {2}With a small prefetch nobody waits/)
  const controls = [{ name: 'prefetch 250', breaks: 'wait-near-ideal', because: 'half of the prompts queue up in front of the slow GPU' }]
  expect(startText({ claim: 'Nobody waits.', arms: [{ name: 'small prefetch' }], controls }, 60)).toBe(
    `  Nobody waits.
  A claim    small prefetch
  B control  prefetch 250: wait-near-ideal must fail,
             because half of the prompts queue up in front
             of the slow GPU`,
  )
})

test('every check that failed is named, with its value and its limit', () => {
  const text = summaryText([failed])
  expect(text).toMatch(/ wait-near-ideal: p95 wait [\d.]+ s, limit \d+ ms/)
  expect(text).toMatch(/ overtakes-near-ideal: overtaken beyond ideal \d+ times, limit 40 \(20 per/)
})

test('measured, ideal, predicted with its band, limit', () => {
  expect(summaryText([passed])).toMatch(/measured +ideal +predicted \(band\) +limit/)
  expect(summaryText([passed])).toMatch(/p95 wait +\d+ ms +\d+ ms +\d+ ms \(\d+–\d+ ms\) +\d+ ms\n/)
})

test('an unexpected arm shows why, witnesses, the command, the folder', () => {
  const text = summaryText([failed])
  expect(text).toMatch(/ {2}A {2}claim +small prefetch +fail\n +wait-near-ideal: p95 wait/)
  expect(text).toMatch(/- \d+\.\d{3} s {1,2}worker-slow asked its GPU for task task-\d+ \(attempt 1\)/)
  expect(text).toContain('Again:    npm run scenario -- made-up --seed 1 --size quick')
  expect(text).toContain('Evidence: reports/runs/one')
  expect(summaryText([passed])).not.toContain('Evidence')
})

test('arms keep their order, and a control shows check, value and limit, of one run and of many', () => {
  const letters = (text: string) => [...text.matchAll(/^ {2}([A-Z]) {2}(?:claim|control)/gm)].map(([, letter]) => letter)
  expect(letters(summaryText([unknown]))).toEqual(['A', 'B'])
  for (const runs of [[passed], [passed, failed]])
    expect(summaryText(runs)).toMatch(
      / {2}B {2}control +prefetch 250 +broke\n +as it must: wait-near-ideal: p95 wait [\d.]+ s, limit \d+ ms/,
    )
})

test('failures before unknown before pass, whatever came first', () => {
  const verdicts = summaryText([passed, unknown, failed]).match(/^(PASS|FAIL|UNKNOWN)/gm)
  expect(verdicts).toEqual(['FAIL', 'UNKNOWN', 'PASS'])
})

test('many runs without a violation bound its rate', () => {
  expect(summaryText([passed, { ...passed, folder: 'two' }])).toMatch(/2 runs without a violation; with 95 % confidence fewer than 78 %/)
  expect(summaryText([passed, failed])).not.toContain('without a violation')
})

describe.each([40, 60, 80, 132])('at %i columns', width => {
  test('no line is longer, and colours are off by default', () => {
    const text = summaryText([passed, unknown, failed], { width })
    // What a person copies stays whole.
    const lines = text.split('\n').filter(line => !line.includes('Again:'))
    expect(lines.filter(line => columnsOf(line) > width)).toEqual([])
    expect(text).not.toContain('\x1b')
  })

  test('colour changes no word', () => {
    const coloured = summaryText([failed], { width, ink: colour })
    expect(coloured).toContain('\x1b[')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is taken out
    expect(coloured.replace(/\x1b\[[\d;]*m/g, '')).toBe(summaryText([failed], { width }))
  })
})

test('the last line counts', () => {
  expect(summaryText([passed, unknown, failed]).split('\n').at(-1)).toBe('1 passed, 1 failed, 1 unknown')
  expect(summaryText([])).toBe('0 passed, 0 failed, 0 unknown')
})
