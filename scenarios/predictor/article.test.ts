import { describe, expect, test } from 'vitest'
import { gpuProfile } from '#contracts/gpu-profiles'
import { answerTokens } from '#contracts/gpu-timing'
import { capacityPerSecond, exponentialDraw, type Figures, predict, profiledTimes, publishTimesMs, taskIds } from './index.ts'

/** The article's case: random arrivals at its two cards. Answers are log-normal with the trace's
 *  median of 129 tokens, prompts exponential with its mean. */
const PROFILES = [gpuProfile('rtx-4090'), gpuProfile('rx-7650-gre')]
const TASKS = 3_000
const IDS = taskIds(TASKS)
const SEED = 7

const TIMES = IDS.map(id => {
  const promptTokens = Math.ceil(exponentialDraw(SEED, id, 'prompt', 1_155))
  return profiledTimes({ profiles: PROFILES, model: 'deepseek-r1:8b', seed: SEED }, id, promptTokens, answerTokens(SEED, id, '', 400))
})
const CAPACITY = capacityPerSecond(
  TIMES.map(times => times.serviceMs),
  PROFILES.length,
)

function figures(load: number, prefetchTasks: number): Figures {
  const publishedMs = publishTimesMs({ kind: 'poisson', perSecond: load * CAPACITY }, IDS, SEED)
  const tasks = IDS.map((id, index) => ({ id, publishedMs: publishedMs[index]!, ...TIMES[index]! }))
  const workers = PROFILES.map(({ name }) => ({ name, prefetchTasks }))
  return predict(tasks, workers, { gapMs: 1 }).figures
}

describe('continuing arrivals, an RTX 4090 and an RX 7650 GRE', () => {
  test('at 80 % load prefetch 250 makes one in twenty wait over 20 minutes; with prefetch 1 it is about a minute', () => {
    const [hoarding, fair] = [figures(0.8, 250), figures(0.8, 1)]
    expect(hoarding.waitMs.p95 / 60_000).toBeGreaterThan(20)
    expect(fair.waitMs.p95 / 1_000).toBeLessThan(120)
    expect(hoarding.waitMs.p95 / fair.waitMs.p95).toBeGreaterThan(15)
  })

  test('at 50 % load it is many minutes against seconds, while the fast GPU stands idle', () => {
    const [hoarding, fair] = [figures(0.5, 250), figures(0.5, 1)]
    expect(hoarding.waitMs.p95 / 60_000).toBeGreaterThan(15)
    expect(fair.waitMs.p95 / 1_000).toBeLessThan(10)
    expect(hoarding.strandedPercent.hoarding).toBeGreaterThan(30)
    expect(fair.strandedPercent.hoarding).toBe(0)
  })

  test('the best prefetch depends on the load: at 30 % each task more in the window costs, at 80 % hardly', () => {
    const p95 = (load: number) => [1, 2, 5].map(prefetch => figures(load, prefetch).waitMs.p95 / 1_000)
    const [one, two, five] = p95(0.3)
    expect(one).toBeLessThan(4)
    expect(two! / one!).toBeGreaterThan(2)
    expect(five! / two!).toBeGreaterThan(2)
    const busy = p95(0.8)
    expect(busy[1]! / busy[0]!).toBeLessThan(1.3)
  })

  test('with prefetch 1 nobody waits noticeably longer than ideal', () => {
    const { waitMs, idealWaitMs } = figures(0.8, 1)
    expect(waitMs.p95 / idealWaitMs.p95).toBeLessThan(1.1)
  })
})

test('draws are keyed by task, not by order: a longer run begins like a shorter one', () => {
  const start = { kind: 'poisson', perSecond: 5 } as const
  expect(publishTimesMs(start, IDS, SEED).slice(0, 50)).toEqual(publishTimesMs(start, IDS.slice(0, 50), SEED))
  expect(() => publishTimesMs({ kind: 'trace', publishedMs: [1] }, ['a', 'b'], 1)).toThrow('got none for b')
})
