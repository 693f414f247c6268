import { describe, expect, test } from 'vitest'
import { gpuProfile } from '#contracts/gpu-profiles'
import type { EventOf, History, HistoryEvent } from '#evidence/history'
import { judgeArm } from '#evidence/judge'
import type { ArmDocument } from '#evidence/run-document'
import { predictSchedule } from '#predictor'
import { planReplay, type ReplayPlan, replayTasks } from '../../scenarios/experiment/replay/plan.ts'
import { replayBands, replayOf } from '../../scenarios/experiment/replay/replay.ts'
import { Fitting } from '../../scenarios/predictor/trace/long-prompts.ts'
import { replaySummary } from './summary.ts'
import { planText, summaryText } from './text.ts'

const ROWS = 120
/** Arrivals in clumps, sizes that vary, one row over the cap. */
const TRACE = Array.from({ length: ROWS + 1 }, (_, index) => ({
  line: index + 2,
  atMs: 1_000 * index + (index % 7) * 140,
  promptTokens: index === 5 ? 5_000 : 200 + (index % 11) * 250,
  answerTokens: 20 + (index % 13) * 40,
}))
const FITTING = new Fitting('skip')
const FIT = TRACE.flatMap(row => FITTING.fit(row) ?? [])
const GPUS = ['gpu-fast', 'gpu-slow']
const WORKERS = ['worker-fast', 'worker-slow']
const planAt = (load: number, rows = ROWS) =>
  planReplay(FIT, {
    tooLong: FITTING.counted,
    rows,
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
const GAP_MS = 2

interface Ran {
  prefetchTasks?: number
  /** Of the run. */
  gapMs?: number
  /** Of the warm-up. */
  measuredMs?: number
  foreignCpuPercent?: number[]
  plan?: ReplayPlan
  /** Changes the first prompt's events. */
  change?: (event: HistoryEvent) => HistoryEvent[]
}

/** What is recorded of a lab that dispatches with this prefetch. */
function recorded({ prefetchTasks = 1, gapMs = GAP_MS, measuredMs = gapMs, foreignCpuPercent = [3], plan = PLAN, change }: Ran): History {
  const tasks = replayTasks(
    plan,
    plan.prompts.map(({ sendAtMs }, i) => ({ task: `task-${i}`, publishedMs: sendAtMs })),
  )
  const workers = WORKERS.map(name => ({ name, prefetchTasks }))
  const placed = predictSchedule(tasks, workers, { gapMs })
  const events = tasks.flatMap(({ id: task, serviceMs, publishedMs: atMs }, i): HistoryEvent[] => {
    const user = `user-${i}`
    const sent = { user, device: user, clientMessageId: task, conversation: user, to: 'robot' }
    const run = placed.find(each => each.task === task)
    const shown = {
      kind: 'shown' as const,
      atMs: run?.endedMs ?? 0,
      user,
      device: user,
      conversation: user,
      seq: 2,
      sender: 'robot',
      to: user,
    }
    const inference: EventOf<'inference'> = {
      kind: 'inference',
      atMs: run?.startedMs ?? 0,
      task,
      attempt: 1,
      worker: run?.worker ?? '',
      gpu: GPUS[WORKERS.indexOf(run?.worker ?? '')] ?? '',
      startedAtMs: run?.startedMs ?? 0,
      endedAtMs: run?.endedMs ?? 0,
      outcome: 'done',
    }
    const { conversation, to, ...base } = sent
    const own: HistoryEvent[] = [
      { kind: 'send', atMs, dueMs: atMs, to, ...base },
      { kind: 'stored', atMs, conversation, seq: 1, task, ...base },
      { kind: 'work', atMs, task, serviceMs: [...serviceMs] },
      { kind: 'shown', atMs, seq: 1, sender: user, conversation, to, ...base },
      inference,
      { ...shown, clientMessageId: `answer-${i}`, task, answered: true },
      { kind: 'task-row', atMs: 1e6, task, ord: i, conversation, seq: 1, asker: user, state: 'answered', attempts: 1 },
      { kind: 'message-row', atMs: 1e6, conversation, seq: 1, sender: user, clientMessageId: task },
      { kind: 'message-row', atMs: 1e6, conversation, seq: 2, sender: 'robot', clientMessageId: `answer-${i}` },
    ]
    return i === 0 && change !== undefined ? own.flatMap(change) : own
  })
  const bands =
    tasks.length < ROWS
      ? {}
      : replayBands(
          tasks,
          WORKERS.map(name => ({ name })),
          measuredMs,
          1,
        )
  const expected = Object.entries(bands).map(([measure, band]): HistoryEvent => ({ kind: 'expected', atMs: 0, measure, ...band }))
  const noise = foreignCpuPercent.map(
    (percent): HistoryEvent => ({ kind: 'noise', atMs: 0, foreignCpuPercent: percent, timerLateP99Ms: 1 }),
  )
  const online = tasks.map((_, i): HistoryEvent => ({ kind: 'online', atMs: -1, user: `user-${i}`, device: `user-${i}`, node: 'im-a' }))
  return {
    sequenced: true,
    robot: 'robot',
    attemptsMax: 3,
    workers: WORKERS.map(name => ({ name, prefetchTasks, slots: 1 })),
    events: [...online, ...expected, ...noise, ...events, { kind: 'rest', atMs: 1e6, ended: 'rest', lastSeen: '' }],
  }
}

function summaryOf(ran: Ran = {}) {
  const history = recorded(ran)
  const { prompts, tooLong } = ran.plan ?? PLAN
  const skippedRows = tooLong.rows
  const parameters = {
    trace: 'trace.csv',
    rows: prompts.length,
    load: 0.8,
    timeScale: 50,
    prefetchTasks: ran.prefetchTasks ?? 1,
    skippedRows,
  }
  const { checks } = replayOf(parameters)
  const judged = judgeArm(history, checks, { name: 'replay', role: 'claim' })
  const { events, ...facts } = history
  const predicted = Object.fromEntries(
    events.flatMap(event => (event.kind === 'expected' ? [[event.measure, { value: event.value, low: event.low, high: event.high }]] : [])),
  )
  const arm = {
    ...judged,
    facts,
    predicted,
    timeScale: 50,
    gpus: GPUS.map(name => ({ name, profile: '' })),
  } as unknown as ArmDocument
  const verdict = judged.verdict === 'broke' ? 'fail' : judged.verdict
  return replaySummary({ verdict, arms: [arm] }, events, { planned: prompts.length, skippedRows })
}

test('everything answered once with shares near the ideal is a pass', () => {
  const summary = summaryOf()
  expect(summary).toMatchObject({ verdict: 'pass', reasons: [], notes: [], planned: ROWS, sent: ROWS, answered: ROWS, errors: 0, lost: 0 })
  expect(summary).toMatchObject({ visibleDuplicates: 0, skippedRows: 1, gapMs: GAP_MS })
  expect(summary.shares.map(share => share.prompts).reduce((sum, count) => sum + count)).toBe(ROWS)
  expect(summary.waitMs.p95).toBeGreaterThan(0)
  expect(summary.waitMs.p95).toBeLessThan(summary.p95LimitMs!)
  expect(summary.p95LimitMs!).toBeLessThan(2 * summary.idealWaitMs.p95)
})

test('hoarding shows in the shares and fails', () => {
  const summary = summaryOf({ prefetchTasks: 250 })
  expect(summary.verdict).toBe('fail')
  expect(summary.shares.map(share => share.sharePercent)).toEqual([50, 50])
  expect(summary.reasons.join('\n')).toMatch(
    /as-predicted: share of worker-(fast|slow) 50.0 %, expected \d+.* \(and \d more breach(?:es)?\)/,
  )
})

test('the shares and waits of a few prompts are shown and not judged', () => {
  const summary = summaryOf({ plan: planAt(0.8, 20), prefetchTasks: 250 })
  expect(summary).toMatchObject({ verdict: 'pass', answered: 20, p95LimitMs: null })
  expect(summaryText(summary)).toContain('not judged: fewer than 100 prompts')
})

describe('one prompt that went wrong fails', () => {
  const shown = (then: (event: EventOf<'shown'>) => HistoryEvent[]) => (event: HistoryEvent) =>
    event.kind === 'shown' && event.task !== undefined ? then(event) : [event]
  test.each<[string, (event: EventOf<'shown'>) => HistoryEvent[], object, string]>([
    ['lost', () => [], { lost: 1, answered: ROWS - 1 }, 'all-answered: '],
    ['a visible error', event => [{ ...event, answered: false }], { errors: 1, lost: 0 }, 'all-answered: '],
    [
      'answered three times',
      event => [event, { ...event, seq: 3 }, { ...event, seq: 4 }],
      { visibleDuplicates: 2, answered: ROWS },
      'answered-once: ',
    ],
  ])('%s', (_, then, counts, reason) => {
    const summary = summaryOf({ change: shown(then) })
    expect(summary).toMatchObject({ verdict: 'fail', ...counts })
    expect(summary.reasons.join('\n')).toContain(reason)
  })
})

describe('the p95 wait is judged against the ideal with the gap of the warm-up', () => {
  test('a gap that the warm-up did not have proves nothing', () => {
    const summary = summaryOf({ gapMs: 12, measuredMs: 2 })
    expect(summary.verdict).toBe('unknown')
    expect(summary.reasons.join('\n')).toMatch(/the gap between two inferences was 2 ms before the run and 1\d ms in it: p95 wait/)
  })

  test('the same wait where the gap explains it passes, and not without a note', () => {
    const summary = summaryOf({ gapMs: 10 })
    expect(summary.verdict).toBe('pass')
    expect(summary.p95TimesIdeal!).toBeGreaterThan(1.5)
    expect(summaryText(summary)).toMatch(/note: the p95 wait is \d+\.\d times the ideal's.* takes 10\.0 ms and makes the load \d\d %/)
  })

  test('a breach that a long gap explains, by noise or full GPUs, is unknown', () => {
    expect(summaryOf({ gapMs: 10, foreignCpuPercent: [70, 80] }).reasons.join('\n')).toMatch(
      /^gpus-keep-up: too noisy to tell: .* a gap of 10 ms/,
    )
    const full = summaryOf({ gapMs: 30 })
    expect(full.verdict).toBe('unknown')
    expect(full.reasons.join('\n')).toMatch(/a gap of 30 ms between two inferences makes the load 1\d\d/)
    const nearly = summaryOf({ gapMs: 45, plan: LIGHT })
    expect(nearly.loadWithGap!).toBeLessThan(1)
    expect(nearly.reasons.join('\n')).toMatch(/gpus-keep-up/)
    // A wait that is near the ideal as it is needs no quiet machine.
    expect(summaryOf({ gapMs: 0, measuredMs: 10, foreignCpuPercent: [70, 80] }).verdict).toBe('pass')
  })

  test('a breach on a busy machine is unknown, and so is an unmeasured gap', () => {
    const noisy = summaryOf({ prefetchTasks: 250, foreignCpuPercent: [30, 60] })
    expect(noisy.verdict).toBe('unknown')
    expect(noisy.reasons.join('\n')).toMatch(/as-predicted: too noisy to tell: other processes used 45 %/)
    expect(summaryOf({ measuredMs: 0 }).reasons.join('\n')).toMatch(/measured no gap/)
  })
})

test('the text starts with the verdict; waits stand on both clocks, and each says which it is', () => {
  expect(planText(PLAN)).toMatch(/^120 prompts in .* \(time scale 50; .* 1 prompt longer than 4096 tokens .*: left out\.\n/)
  expect(summaryText(summaryOf({ prefetchTasks: 250 }))).toMatch(/^FAIL: .*\n {2}as-predicted: /)
  const summary = summaryOf()
  expect(summary.timeScale).toBe(50)
  expect(summary.waitInGpuTimeMs.p95).toBeCloseTo(50 * summary.waitMs.p95, 6)
  expect(summary.idealWaitInGpuTimeMs.max).toBeCloseTo(50 * summary.idealWaitMs.max, 6)
  const text = summaryText(summary)
  expect(text).toMatch(/^PASS: answered 120, lost 0, duplicates 0\n/)
  expect(text).toContain('on the wall (time scale 50: a second here is 50.0 s of GPU time)')
  expect(text.indexOf('in GPU time (the gaps too):')).toBeLessThan(text.indexOf('on the wall (time scale 50'))
  expect(text).toMatch(
    /model, with the gap of 2\.0 ms between two inferences x time scale 50 is 100 ms of GPU time.*they agree within \d+ %\./,
  )
  expect(text).toMatch(/p95: .* x the ideal's; allowed up to .* gap of 2\.0 ms/)
})
