import { expect, test } from 'vitest'
import { modelRun } from '#evidence/fixture'
import { clockedRows, clockText, countsText, inBand, inGpuTime, keyRows, measuredText, measureRows, rowText } from './measures.ts'

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

test('under a time scale what GPUs decide stands in GPU time, then on the wall; limits too; the rest once', () => {
  const arm = (timeScale: number) => ({ ...claim!, timeScale })
  const [plain, scaled] = [keyRows(arm(1)), keyRows(arm(5))]
  expect(clockedRows(plain)).toEqual(plain)
  expect([clockText(plain), clockText(scaled)]).toEqual(['', 'GPU time (wall x 5)'])
  const wait = scaled.find(({ measure }) => measure === 'waitP95Ms')!
  const [first, second, ...others] = clockedRows([wait])
  expect(others).toEqual([])
  expect(first!.measured).toBeCloseTo(5 * wait.measured, 9)
  expect(first!.limit?.atMost).toBe(wait.limit === undefined ? undefined : 5 * wait.limit.atMost)
  expect(second).toMatchObject({ label: '  on the wall', measured: wait.measured })
  expect(measuredText(wait)).toMatch(/ of GPU time \(.+ m?s\)$/)
  expect(inGpuTime({ ...wait, unit: 'percent', timeScale: 1 }).measured).toBe(wait.measured)
})
