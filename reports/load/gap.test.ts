import { expect, test } from 'vitest'
import type { LatencySummary } from '#evidence/load-document'
import { GAP_STEPS } from '#evidence/measures'
import { loadFixture } from './fixture.ts'
import { gapPicture } from './gap.ts'
import { loadHtml } from './page.ts'
import { loadText } from './text.ts'

const { load, histories } = loadFixture()
const at = (about: string, p50: number): LatencySummary => ({ about, count: 7, mean: p50, p50, p90: p50, p95: 2 * p50, p99: p50, max: p50 })
const latencies = Object.fromEntries(GAP_STEPS.map(({ name, span }, i) => [name, at(span, [0.5, 1.5, 2, 3, 3.5, 4][i]!)]))

test('the waterfall: every step begins where the one before ended, the last one ends with the gap', () => {
  const page = loadHtml({ ...load, latencies }, histories)
  expect(page).toContain('<h2 id="gap"')
  const label = /aria-label="(From the end of an inference[^"]*)"/.exec(page)?.[1]
  expect(label).toContain('4 ms in the median of 7 (p95 8 ms)')
  expect(label).toContain('answer reaches the worker 0.5 ms; saved in the database 1 ms; published and confirmed 0.5 ms')
})

test('no picture of a run without gaps, or of an older one', () => {
  expect(gapPicture(load)).toBeUndefined()
  expect(loadHtml(load, histories)).not.toContain('id="gap"')
})

test('the terminal says the gap, not each of its steps', () => {
  const said = loadText({ ...load, latencies }, '/folder')
  expect(said).toMatch(/ {2}gap +p50\/p95\/p99\/max 4/)
  expect(said).not.toContain('gapSaved')
})
