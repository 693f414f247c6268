import { expect, test } from 'vitest'
import { modelRun } from '#evidence/fixture'
import { countsText, inBand, keyRows, measureRows, rowText } from './measures.ts'

const [claim, control] = modelRun().run.arms

test('key measures stand beside ideal, prediction and limit', () => {
  const rows = keyRows(claim!)
  expect(rows.map(row => row.measure)).toEqual(['waitP95Ms', 'excessOvertakes', 'gapMeanMs'])
  const [wait] = rows
  expect(wait?.ideal).toBe(claim?.measures['idealWaitP95Ms'])
  expect(wait?.limit?.atMost).toBeCloseTo(3 * (wait?.ideal ?? 0) + 50)
  expect(inBand(wait!)).toBe(true)
  expect(rowText(wait!)).toMatchObject({
    measured: expect.stringMatching(/^\d+ ms$/),
    predicted: expect.stringMatching(/^\d+ ms \(\d+–\d+ ms\)$/),
  })
})

test('an exceeded limit is marked', () => {
  expect(keyRows(control!)[0]?.limit?.verdict).toBe('fail')
})

test("workers' shares are named after them", () => {
  expect(measureRows(claim!).map(row => row.label)).toContain('share of worker-fast')
})

test('bands in two units keep both', () => {
  const row = { ...keyRows(claim!)[0]!, predicted: { value: 900, low: 800, high: 1_200 } }
  expect(rowText(row).predicted).toBe('900 ms (800 ms–1.2 s)')
})

test('counts', () => {
  expect(countsText(claim!)).toBe('200 messages sent in all; 200 prompts begun, warm-up not counted; 200 inference requests in all')
  expect(countsText({ measures: { sends: 1 } })).toBe('1 message sent in all')
})
