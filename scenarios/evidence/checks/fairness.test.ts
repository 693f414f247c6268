import { describe, expect, test } from 'vitest'
import { type ModelTask, publishTimesMs, sameTasks, taskIds } from '#predictor'
import { predictedBands } from '../bands.ts'
import { witnessesOf } from '../finding.ts'
import type { History, HistoryEvent } from '../history.ts'
import { unknownByNoise } from '../judge.ts'
import { modelHistory } from '../mutants/model-history.ts'
import { measuresOf, promptsOf } from '../schedule.ts'
import { asPredicted, makespanNearIdeal, overtakesNearIdeal, shareBySpeed, tailNearAlone, waitNearIdeal } from './fairness.ts'

const SERVICE_MS = [20, 70]
const GAP_MS = 3
const workers = (prefetchTasks: number) => ['worker-fast', 'worker-slow'].map(name => ({ name, prefetchTasks, slots: 1 }))
const broker = (prefetchTasks: number) => (prefetchTasks === 1 ? { gapMs: GAP_MS } : { occupiedMs: GAP_MS })

function arrivals(load: number, count: number, seed = 1): ModelTask[] {
  const ids = taskIds(count)
  const perSecond = load * (1_000 / 20 + 1_000 / 70)
  return publishTimesMs({ kind: 'poisson', perSecond }, ids, seed).map((publishedMs, i) => ({
    id: ids[i]!,
    publishedMs,
    serviceMs: SERVICE_MS,
  }))
}
const arm = (tasks: readonly ModelTask[], prefetchTasks: number) => modelHistory(tasks, workers(prefetchTasks), broker(prefetchTasks))
const withBands = (
  history: History,
  tasks: readonly ModelTask[],
  prefetchTasks: number,
  tolerances: Parameters<typeof predictedBands>[0]['tolerances'],
  gapMs = GAP_MS,
) => {
  const bands = predictedBands({ tasks, workers: workers(prefetchTasks), gapMs, seed: 1, tolerances })
  const expected = Object.entries(bands).map(([measure, band]): HistoryEvent => ({ kind: 'expected', atMs: -1, measure, ...band }))
  return { ...history, events: [...expected, ...history.events] }
}

describe('a much slower GPU at 30 % of what the fast one can do', () => {
  const tasks = arrivals(0.25, 300).map(task => ({ ...task, serviceMs: [20, 200] }))
  const check = tailNearAlone('worker-fast', 1.2, 20)
  const judged = (backlogMin: number) => {
    const [fast, slow] = workers(1)
    const history = modelHistory(tasks, [fast!, { ...slow!, backlogMin }], broker(1))
    return check.judge(history)
  }

  test('the tail is worse where it always takes, as good as alone where it takes from three on', () => {
    expect(judged(3).verdict).toBe('pass')
    const finding = judged(0)
    expect(finding.verdict).toBe('fail')
    expect(witnessesOf(finding).length).toBeGreaterThan(0)
  })

  test('without that worker there is nothing to compare', () => {
    expect(tailNearAlone('worker-other', 1, 0).judge(arm(tasks, 1)).verdict).toBe('unknown')
  })
})

describe('prompts that keep coming, at 80 % load', () => {
  const tasks = arrivals(0.8, 770)
  const fairness = [waitNearIdeal(6, 50), overtakesNearIdeal(20), shareBySpeed(5)]

  test('prefetch 1 passes all, prefetch 250 fails all, each with a witness', () => {
    for (const check of fairness) {
      expect(check.judge(arm(tasks, 1)).verdict, check.name).toBe('pass')
      const finding = check.judge(arm(tasks, 250))
      expect(finding.verdict, check.name).toBe('fail')
      expect(witnessesOf(finding).length, check.name).toBeGreaterThan(0)
    }
  })

  test('while others keep the machine busy, or the arm has no ideal, they say unknown', () => {
    const bad = arm(tasks, 250)
    const noisy: HistoryEvent = { kind: 'noise', atMs: 1, foreignCpuPercent: 50, timerLateP99Ms: 20 }
    for (const check of fairness) {
      expect(check.judge({ ...bad, events: [...bad.events, noisy] }).verdict, check.name).toBe('unknown')
      const unknownGpus = bad.workers.map(({ serviceMs: _, ...worker }) => worker)
      expect(check.judge({ ...bad, workers: unknownGpus }).verdict, check.name).toBe('unknown')
    }
  })

  test('a share of a few starts says nothing, neither good nor bad', () => {
    for (const [history, verdict] of [
      [arm(tasks, 1), 'pass'],
      [arm(tasks, 250), 'fail'],
    ] as const) {
      expect(shareBySpeed(5).judge(history).verdict).toBe(verdict)
      const late = history.events.map(event => (event.kind === 'measured' ? { ...event, atMs: tasks.at(-20)!.publishedMs } : event))
      const finding = shareBySpeed(5).judge({ ...history, events: late })
      expect(finding.verdict, JSON.stringify(finding)).toBe('unknown')
      expect(finding.why).toEqual({ code: 'too-few', values: { least: 40 } })
    }
  })

  test('only what was asked after the warm-up is measured', () => {
    const history = arm(tasks, 1)
    const later = history.events.map(event => (event.kind === 'measured' ? { ...event, atMs: tasks[400]!.publishedMs } : event))
    expect(promptsOf({ ...history, events: later })).toHaveLength(370)
    expect(promptsOf({ ...history, events: later }, { all: true })).toHaveLength(770)
  })

  test.each([1, 250])('the model lies in its own bands, prefetch %d', prefetchTasks => {
    const tolerances = { waitP50Ms: [0.1, 5], waitP95Ms: [0.05, 10], shareOfWorkerFastPercent: [0, 1] } as const
    for (const seed of [1, 2, 3]) {
      const own = arrivals(0.8, 500, seed)
      expect(asPredicted.judge(withBands(arm(own, prefetchTasks), own, prefetchTasks, tolerances))).toMatchObject({ verdict: 'pass' })
    }
  })
})

test('a worker that waits for a backlog makes no gap', () => {
  const patient = workers(1).map((worker, i) => (i === 1 ? { ...worker, backlogMin: 6 } : worker))
  const { gapMeanMs = 0 } = measuresOf(modelHistory(arrivals(0.95, 500), patient, { ...broker(1), lookMs: 20 }))
  expect(gapMeanMs).toBeCloseTo(GAP_MS, 0)
})

describe('a burst', () => {
  const SHARE = { shareOfWorkerFastPercent: [0, 0.5] } as const
  const TOLERANCES = { tau: [0, 0.03], maxOvertakes: [0.03, 2], makespanMs: [0.03, 0], ...SHARE } as const
  const tasks = sameTasks(200, SERVICE_MS)

  test('a share outside its band names the worker', () => {
    const history = withBands(arm(tasks, 100), tasks, 1, SHARE)
    expect(asPredicted.judge(history).breaches).toMatchObject([{ values: { measure: 'shareOfWorkerFastPercent', worker: 'worker-fast' } }])
  })

  test('the exact figures of the model are read out of its history', () => {
    const history = modelHistory(tasks, workers(100))
    expect(measuresOf(history)).toMatchObject({ makespanMs: 7_000, maxOvertakes: 71, shareOfWorkerFastPercent: 50, prompts: 200 })
    expect(measuresOf(history)['tau']).toBeCloseTo(0.643, 3)
    expect(makespanNearIdeal(30).judge(history).verdict).toBe('fail')
    expect(makespanNearIdeal(30).judge(arm(tasks, 1)).verdict).toBe('pass')
  })

  test.each([1, 100])('with the speed ratio a tenth wrong in the predictor the claim fails, prefetch %d', prefetchTasks => {
    const measured = arm(tasks, prefetchTasks)
    expect(asPredicted.judge(withBands(measured, tasks, prefetchTasks, TOLERANCES)).verdict).toBe('pass')
    const wrong = tasks.map(task => ({ ...task, serviceMs: [20, 77] }))
    const finding = asPredicted.judge(withBands(measured, wrong, prefetchTasks, TOLERANCES))
    expect(finding.verdict, JSON.stringify(finding)).toBe('fail')
  })

  test('predicted from gaps that the run does not have: unknown, as after a change of the machine', () => {
    const dear = withBands(arm(tasks, 1), tasks, 1, TOLERANCES, 85)
    const finding = asPredicted.judge(dear)
    expect(finding).toMatchObject({ verdict: 'unknown' })
    expect(finding.why).toMatchObject({ code: 'gap-changed', values: { beforeMs: 85, duringMs: expect.closeTo(3, 0) } })
    expect(finding.breaches[0]).toMatchObject({ code: 'outside-band', values: { measure: 'makespanMs' } })
    expect(unknownByNoise(finding)).toBe(true)
    // Without a word on the gap, as histories of before are, a breach stays one.
    const old = { ...dear, events: dear.events.filter(event => event.kind !== 'expected' || event.measure !== 'gapMeanMs') }
    expect(asPredicted.judge(old).verdict).toBe('fail')
    expect(unknownByNoise(asPredicted.judge(old))).toBe(false)
  })
})
