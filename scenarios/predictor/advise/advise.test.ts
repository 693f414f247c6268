import { describe, expect, test } from 'vitest'
import { nearestRank, predictSchedule, taskIds } from '#predictor'
import { draws } from '../random.ts'
import { adviceOf, candidates, situationOf } from './advice.ts'
import { outcomeOf, studentT } from './estimate.ts'
import { card, kind, type Mix, questionOf } from './fixture.ts'
import { fleetPerSecond, meanServiceMs, type Question } from './question.ts'
import { Trials } from './trial.ts'

const MIXES: [string, Mix][] = [
  ['a fast and a slow card, 80 % load', { kinds: [card('rtx-4090'), card('rx-7650-gre')] }],
  ['the same, 30 % load', { kinds: [card('rtx-4090'), card('rx-7650-gre')], load: 0.3 }],
  ['three equal workers, 70 % load', { kinds: [kind(1_000)], fleet: [0, 0, 0], load: 0.7 }],
  ['one ten times slower, tasks alike', { kinds: [kind(300), kind(3_000)], load: 0.6, varied: false }],
  ['four slots beside one', { kinds: [kind(2_000, 4), kind(2_000)], load: 0.7 }],
  ['answers shorter than the link', { kinds: [kind(20), kind(70)], rttMs: 0, gapMs: 60, load: 0.7 }],
]

const REPLICATIONS = 15
const TASKS = { warmUp: 3_000, counted: 3_000 }

/** The wait of 95 of 100, with draws of its own: of `advise` nothing is used but the question. */
function replicatedP95(question: Question, prefetches: readonly (readonly number[])[]): number[] {
  const { kinds, fleet, link } = question
  const gapMs = 1_000 / situationOf(question).perSecond!
  const ids = taskIds(TASKS.warmUp + TASKS.counted)
  const waits = prefetches.map((): number[] => [])
  for (let seed = 5_000; seed < 5_000 + REPLICATIONS; seed++) {
    const random = draws(seed)
    const exponential = (mean: number) => -mean * Math.log(1 - random.uniform())
    let publishedMs = 0
    const tasks = ids.map(id => {
      publishedMs += exponential(gapMs)
      // About as spread as the log-normal lengths, and another distribution.
      const size = question.sizes.varied ? 0.3 + exponential(0.7) : 1
      return { id, publishedMs, serviceMs: fleet.map(of => size * meanServiceMs(question)[of]!) }
    })
    for (const [i, prefetch] of prefetches.entries()) {
      const workers = fleet.map((of, w) => ({ ...kinds[of]!, name: `w${w}`, prefetchTasks: prefetch[w]! }))
      const schedule = predictSchedule(tasks, workers, { gapMs: link.gapMs + link.rttMs, occupiedMs: 3 * link.rttMs })
      for (const { publishedMs, startedMs } of schedule.slice(TASKS.warmUp)) waits[i]!.push(startedMs - publishedMs)
    }
  }
  return waits.map(each => nearestRank(Float64Array.from(each).sort(), 0.95))
}

describe.each(MIXES)('%s', (_, mix) => {
  const question = questionOf(mix)
  const advice = adviceOf(question)

  test('the advice is best, or within 3 % of it, by many independent replications', () => {
    const others = [1, 2, 5, 50, 250].map(prefetch => question.fleet.map(() => prefetch))
    const [ownMs, ...othersMs] = replicatedP95(question, [advice.best.prefetch, ...others])
    expect(ownMs).toBeLessThanOrEqual(1.03 * Math.min(...othersMs) + 1)
  })

  test('more GPUs never make people wait longer, more load never less; no link is best', () => {
    const trials = new Trials(question)
    const here = situationOf(question)
    const p95 = (change: Partial<typeof here>) => {
      const situation = { ...here, ...change }
      const prefetch = situation.fleet.map(of => question.kinds[of]!.slots)
      return outcomeOf(trials.batches(situation, { prefetch }, 0, 5), question.sloMs).waitMs.p95.value
    }
    const asked = p95({})
    for (const [of] of question.kinds.entries()) expect(p95({ fleet: [...here.fleet, of] })).toBeLessThanOrEqual(asked)
    expect(p95({ perSecond: here.perSecond! * 1.1 })).toBeGreaterThanOrEqual(asked)
    expect(p95({ link: { ...here.link, rttMs: here.link.rttMs + 100 } })).toBeGreaterThanOrEqual(asked)
  })
})

test('slots first, today’s second, each once', () => {
  const question = { kinds: [kind(20), kind(70, 2)], fleet: [0, 1, 1], today: [250, 250, 250] }
  const lists = candidates(question).map(({ prefetch }) => prefetch.join(','))
  expect(lists.slice(0, 2)).toEqual(['1,2,2', '250,250,250'])
  expect(lists).toEqual(expect.arrayContaining(['2,3,3', '2,2,2', '1,3,3', '1,1,1', '50,50,50']))
  expect(new Set(lists).size).toBe(lists.length)
  const same = candidates({ ...question, today: [1, 2, 2] })
  expect(same[1]).toBe(same[0])
})

test('a seed repeats an advice; another one stays within its interval', { timeout: 60_000 }, () => {
  const mix = MIXES[0]![1]
  expect(adviceOf(questionOf(mix))).toEqual(adviceOf(questionOf(mix)))
  const [one, other] = [1, 2].map(seed => adviceOf(questionOf(mix, seed)).bestRow!.outcome.waitMs.p95)
  expect(Math.max(one!.low, other!.low)).toBeLessThan(Math.min(one!.high, other!.high))
})

test('a 95 % interval holds the true p95 nearly always', { timeout: 60_000 }, () => {
  const question = (seed: number) => questionOf({ kinds: [kind(1_000)], load: 0.6 }, seed)
  const p95 = (seed: number, batches: number) => {
    const drawn = new Trials(question(seed)).batches(situationOf(question(seed)), { prefetch: [1] }, 0, batches)
    return outcomeOf(drawn, 30_000).waitMs.p95
  }
  const truth = p95(999, 30).value
  const covered = Array.from({ length: 24 }, (_, seed) => p95(seed, 5)).filter(({ low, high }) => low <= truth && truth <= high)
  expect(covered.length).toBeGreaterThanOrEqual(20)
})

test.each([
  [4, 2.776],
  [7, 2.365],
  [19, 2.093],
])('Student’s t at %d', (freedom, exact) => expect(Math.abs(studentT(freedom) / exact - 1)).toBeLessThan(0.003))

test('a burst is tried with arrivals that go on too, and an overload has no waits', { timeout: 60_000 }, () => {
  const question = questionOf(MIXES[0]![1])
  const burst = adviceOf({ ...question, arrivals: { kind: 'burst', tasks: 100 } })
  expect(burst.best.prefetch).toEqual([1, 1])
  expect(burst.steady?.ranking.rows).toHaveLength(burst.ranking!.rows.length)
  const full = adviceOf({ ...question, arrivals: { kind: 'poisson', perSecond: 2 * fleetPerSecond(question) } })
  expect(full).toMatchObject({ ranking: undefined, best: { prefetch: [1, 1] } })
})

test('tasks of ten minutes wait six hundred times as long as those of a second', () => {
  const p95 = (meanMs: number) => {
    const question = questionOf({ kinds: [kind(meanMs)], load: 0.5, gapMs: 0 })
    return outcomeOf(new Trials(question).batches(situationOf(question), { prefetch: [1] }, 0, 2), 30_000).waitMs.p95.value
  }
  expect(p95(600_000) / p95(1_000)).toBeCloseTo(600, 3)
})
