import { describe, expect, test } from 'vitest'
import { gpuProfile } from '#contracts/gpu-profiles'
import { predictSchedule } from '#predictor'
import { exitCodeOf, judgeReplay as judge, type PromptOutcome } from '../scenarios/experiment/replay/judge.ts'
import { planReplay, type ReplayPlan, replayTasks, replayWorkers } from '../scenarios/experiment/replay/plan.ts'
import type { Conditions } from '../scenarios/experiment/replay/wait.ts'
import { planText, replayCommand, summaryText } from './replay-text.ts'

const ROWS = 120
/** Arrivals in clumps, sizes that vary, one row over the cap. */
const TRACE = Array.from({ length: ROWS + 1 }, (_, index) => ({
  line: index + 2,
  atMs: 1_000 * index + (index % 7) * 140,
  promptTokens: index === 5 ? 5_000 : 200 + (index % 11) * 250,
  answerTokens: 20 + (index % 13) * 40,
}))
const planAt = (load: number) =>
  planReplay(TRACE, {
    rows: ROWS,
    gpus: [
      { name: 'gpu-fast', profile: gpuProfile('rtx-4090') },
      { name: 'gpu-slow', profile: gpuProfile('rx-7650-gre') },
    ],
    model: 'deepseek-r1:8b',
    seed: 1,
    timeScale: 50,
    answerTokensMax: 400,
    load,
  })
const PLAN = planAt(0.8)
/** Nobody waits for long in the ideal. */
const LIGHT = planAt(0.5)

const HAND_OVER_MS = 2
const QUIET: Conditions = { handOverMs: HAND_OVER_MS, foreignCpuPercent: [3, 2, 4] }
const judgeReplay = (plan: ReplayPlan, seen: readonly PromptOutcome[], conditions = QUIET) => judge(plan, seen, conditions)

/** What a lab would report that dispatches with this prefetch. */
function outcomes(prefetchTasks: number, handOverMs = HAND_OVER_MS, plan = PLAN): PromptOutcome[] {
  const sent = plan.prompts.map((prompt, index) => ({ task: `task-${index}`, publishedMs: prompt.sendAtMs }))
  const schedule = predictSchedule(replayTasks(plan, sent), replayWorkers(plan, prefetchTasks), { handOverMs })
  return schedule.map(p => ({ task: p.task, publishedMs: p.publishedMs, answers: 1, errors: 0, gpu: p.worker, startedMs: p.startedMs }))
}
/** The same, but the first prompt had another end. */
const butFirst = (change: Partial<PromptOutcome>): PromptOutcome[] => {
  const [first, ...rest] = outcomes(1)
  return [{ ...first!, ...change }, ...rest]
}

test('everything answered once with shares near the ideal is a pass', () => {
  const summary = judgeReplay(PLAN, outcomes(1))
  expect(summary).toMatchObject({ verdict: 'pass', reasons: [], planned: ROWS, sent: ROWS, answered: ROWS, errors: 0, lost: 0 })
  expect(summary).toMatchObject({ visibleDuplicates: 0, skippedRows: 1 })
  expect(summary.shares.map(share => share.prompts).reduce((sum, count) => sum + count)).toBe(ROWS)
  expect(summary.waitMs.p95).toBeGreaterThan(0)
  expect(summary.idealWaitMs.p95).toBeGreaterThan(0)
  expect(exitCodeOf(summary)).toBe(0)
})

test('hoarding shows in the shares and fails', () => {
  const summary = judgeReplay(PLAN, outcomes(250))
  expect(summary.verdict).toBe('fail')
  expect(summary.shares.map(share => share.sharePercent)).toEqual([50, 50])
  expect(summary.reasons.join('\n')).toMatch(/gpu-slow: expected .* % of the prompts .* within 5 points, got 50\.0 %/)
  expect(exitCodeOf(summary)).toBe(1)
})

test('the shares of a few prompts are shown and not judged', () => {
  const few = { ...PLAN, prompts: PLAN.prompts.slice(0, 20) }
  const summary = judgeReplay(
    few,
    outcomes(1)
      .slice(0, 20)
      .map(outcome => ({ ...outcome, gpu: 'gpu-slow' })),
  )
  expect(summary).toMatchObject({ verdict: 'pass', answered: 20 })
  expect(summaryText(summary)).toContain('100.0 % (ideal')
  expect(summaryText(summary)).toContain('not judged: fewer than 100 prompts')
})

describe('one prompt that went wrong fails', () => {
  test.each([
    ['lost', { answers: 0 }, { lost: 1, answered: ROWS - 1 }, 'expected no prompt lost, got 1'],
    ['a visible error', { answers: 0, errors: 1 }, { errors: 1, lost: 0 }, 'got 1 visible errors'],
    ['answered three times', { answers: 3 }, { visibleDuplicates: 2, answered: ROWS }, 'got 2 visible duplicates'],
  ])('%s', (_, change, counts, reason) => {
    const summary = judgeReplay(PLAN, butFirst(change))
    expect(summary).toMatchObject({ verdict: 'fail', ...counts })
    expect(summary.reasons.join('\n')).toContain(reason)
  })
})

describe('what cannot be told is unknown, and not pass', () => {
  test.each([
    ['a GPU not known', butFirst({ gpu: undefined }), 'to know the GPU of every answer, 1'],
    ['a GPU of another lab', butFirst({ gpu: 'gpu-third' }), 'to know the GPU of every answer, 1'],
    ['a start not known', butFirst({ startedMs: undefined }), 'when every inference started, 1'],
    ['prompts not sent', outcomes(1).slice(0, 110), `expected ${ROWS} prompts sent, got 110`],
    ['nothing sent', [], `expected ${ROWS} prompts sent, got 0`],
  ])('%s', (_, seen, reason) => {
    const summary = judgeReplay(PLAN, seen)
    expect(summary.verdict).toBe('unknown')
    expect(summary.reasons.join('\n')).toContain(reason)
    expect(exitCodeOf(summary)).toBe(4)
  })

  test('a definite failure stays one', () => {
    expect(judgeReplay(PLAN, butFirst({ answers: 0, gpu: undefined })).verdict).toBe('fail')
  })
})

test('the text starts with the verdict and what the done line asks for', () => {
  expect(planText(PLAN)).toMatch(/^120 prompts in .* \(time scale 50; .* 1 rows over the prompt cap skipped\.\n/)
  expect(summaryText(judgeReplay(PLAN, outcomes(1)))).toMatch(/^PASS: answered 120, lost 0, duplicates 0\n/)
  expect(summaryText(judgeReplay(PLAN, outcomes(250)))).toMatch(/^FAIL: .*\n {2}gpu-fast: expected/)
})

describe('the p95 wait is judged against the ideal with this hand-over', () => {
  const slow = () => outcomes(1, 12)

  test('dispatch as in the ideal, hand-over as in the warm-up: within the bound, and the bound is not far', () => {
    const summary = judgeReplay(PLAN, outcomes(1))
    expect(summary).toMatchObject({ verdict: 'pass', handOverMs: HAND_OVER_MS, notes: [] })
    expect(summary.waitMs.p95).toBeLessThan(summary.p95LimitMs!)
    expect(summary.p95LimitMs!).toBeLessThan(2 * summary.idealWaitMs.p95)
  })

  test('hand-overs that the warm-up did not have are a breach', () => {
    const summary = judgeReplay(PLAN, slow())
    expect(summary.shares.every(s => Math.abs(s.sharePercent - s.idealSharePercent) < 5)).toBe(true)
    expect(summary).toMatchObject({ verdict: 'fail', notes: [] })
    expect(summary.reasons.join('\n')).toMatch(
      /expected a p95 wait of at most \d+ ms on the wall \(ideal \d+ ms; .*2\.0 ms.*\), got \d+ ms/,
    )
  })

  test('the same wait where the hand-over explains it passes, and not without a word', () => {
    const summary = judgeReplay(PLAN, outcomes(1, 10), { ...QUIET, handOverMs: 10 })
    expect(summary.verdict).toBe('pass')
    expect(summary.p95TimesIdeal!).toBeGreaterThan(1.5)
    expect(summaryText(summary)).toMatch(/note: the p95 wait is \d+\.\d x the ideal's.* takes 10\.0 ms, which makes the load \d\d %/)
  })

  test("where only slow hand-overs explain it, and they are others' or fill the GPUs, nobody knows", () => {
    const busy = judgeReplay(PLAN, outcomes(1, 10), { handOverMs: 10, foreignCpuPercent: [70, 80] })
    expect(busy.verdict).toBe('unknown')
    expect(busy.reasons.join('\n')).toMatch(/too noisy to tell .*is within its bound for hand-overs of 10\.0 ms alone/)
    const full = judgeReplay(PLAN, outcomes(1, 30), { ...QUIET, handOverMs: 30 })
    expect(full.verdict).toBe('unknown')
    expect(full.reasons.join('\n')).toMatch(/expected GPUs that keep up, hand-overs of 30\.0 ms make the load 1\d\d %/)
    const nearly = judgeReplay(LIGHT, outcomes(1, 45, LIGHT), { ...QUIET, handOverMs: 45 })
    expect(nearly.loadWithHandOver!).toBeLessThan(1)
    expect(nearly.reasons.join('\n')).toMatch(/expected GPUs that keep up/)
    // A wait that is near the ideal as it is needs no quiet machine.
    expect(judgeReplay(PLAN, outcomes(1, 0), { handOverMs: 10, foreignCpuPercent: [70, 80] }).verdict).toBe('pass')
  })

  test('on a machine that others keep busy a breach is unknown; so is a hand-over that nobody knows', () => {
    const noisy = judgeReplay(PLAN, slow(), { ...QUIET, foreignCpuPercent: [30, 60] })
    expect(noisy.verdict).toBe('unknown')
    expect(noisy.reasons.join('\n')).toMatch(/too noisy to tell \(others used 45 % .*expected a p95 wait/)
    expect(judgeReplay(PLAN, outcomes(1), { ...QUIET, handOverMs: undefined })).toMatchObject({ verdict: 'unknown', p95LimitMs: null })
  })
})

test('waits stand on both clocks, and each says which it is', () => {
  const summary = judgeReplay(PLAN, outcomes(1))
  expect(summary.timeScale).toBe(50)
  expect(summary.waitInGpuTimeMs.p95).toBeCloseTo(50 * summary.waitMs.p95, 6)
  expect(summary.idealWaitInGpuTimeMs.max).toBeCloseTo(50 * summary.idealWaitMs.max, 6)
  const text = summaryText(summary)
  expect(text).toContain('on the wall (time scale 50: a second here is 50.0 s of GPU time)')
  expect(text).toContain('the same in GPU time (x 50, the hand-overs too):')
  expect(text).toMatch(/p95: .* x the ideal's; allowed up to .* hand-over of 2\.0 ms/)
})

test('the command that repeats it', () => {
  const options = { rows: 200, load: 0.8, timeScale: 50, seed: 1, prefetch: 1 }
  const rest = '--rows 200 --load 0.8 --time-scale 50 --seed 1 --prefetch 1'
  expect(replayCommand('trace.csv', { ...options, runtime: 'auto' })).toBe(`npm run replay -- trace.csv ${rest}`)
  expect(replayCommand("my trace's.csv", { ...options, runtime: 'native' })).toBe(
    `npm run replay -- 'my trace'\\''s.csv' ${rest} --runtime native`,
  )
})
