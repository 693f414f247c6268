import { describe, expect, test } from 'vitest'
import { draw, normal } from '#contracts/gpu-timing'
import type { Answer } from '#evidence/answers'
import { median } from '#evidence/statistics'
import { predictSchedule, publishTimesMs, taskIds } from '#predictor'
import { compared, predictions, type Work } from './agreement.ts'

const IDS = taskIds(60)
const GAP_MS = 6
/** A second each, a tenth more or less. */
const times = (seed: number) => IDS.map(id => ({ serviceMs: [950 + 100 * draw(seed, id, 'service')] }))
const WORK: Work = {
  ids: IDS,
  dueMs: publishTimesMs({ kind: 'poisson', perSecond: 0.6 }, IDS, 1),
  draw: times,
  worker: { name: 'worker-fast', prefetchTasks: 1 },
  gapMs: GAP_MS,
  beside: 1,
  seed: 1,
  spread: 0.05,
  ratios: [1],
}

/** A server that does so, with times of its own. */
function ran({ slower = 1, stallMs = 0 } = {}): Answer[] {
  const tasks = times(77).map(({ serviceMs }, i) => ({
    id: IDS[i]!,
    publishedMs: WORK.dueMs[i]! + 3,
    serviceMs: serviceMs.map(ms => ms * slower),
  }))
  const schedule = predictSchedule(tasks, [WORK.worker], { gapMs: GAP_MS })
  return schedule.map(({ startedMs, endedMs }, i) => {
    return { dueMs: WORK.dueMs[i]!, startedMs: startedMs + stallMs, endedMs: endedMs + stallMs, seenMs: endedMs + stallMs + 8 }
  })
}
const wrong = (answers: Answer[]) =>
  compared(WORK, predictions(WORK), answers)
    .filter(one => !one.agrees)
    .map(one => one.measure)

describe('a run on the real server', () => {
  test('agrees when the server is as fast as its profile, whatever each answer draws', () => expect(wrong(ran())).toEqual([]))

  test.each([
    ['a fifth slower', { slower: 1.2 }],
    ['a fifth faster', { slower: 0.8 }],
  ])('does not agree when the server is %s', (_, how) => {
    expect(wrong(ran(how))).toEqual(expect.arrayContaining(['serverMeanMs', 'waitP95Ms']))
  })

  test('agrees with a server that the lab slows down as much as was seen before the run', () => {
    const work = { ...WORK, beside: 1.2 }
    expect(compared(work, predictions(work), ran({ slower: 1.2 })).filter(one => !one.agrees)).toEqual([])
  })

  test('does not agree when prompts wait longer than the dispatch has it, the server being as fast as said', () => {
    const figures = compared(WORK, predictions(WORK), ran({ stallMs: 4_000 }))
    const [service, mean] = figures
    expect([service?.agrees, mean?.agrees]).toEqual([true, false])
    // It was not the speed: with the times that it took the model says what it said before.
    expect(Math.abs((mean?.retold ?? 0) - (mean?.predicted ?? 0))).toBeLessThan(300)
    expect((mean?.measured ?? 0) - (mean?.retold ?? 0)).toBeGreaterThan(3_500)
  })

  test('uses the measured times, if only the speed differed', () => {
    for (const one of compared(WORK, predictions(WORK), ran({ slower: 1.2 }))) expect(Math.abs(one.measured - one.retold)).toBeLessThan(60)
  })
})

test('concurrent streams are reported once, with their cost', () => {
  const two = {
    ...WORK,
    worker: { name: 'worker-fast', prefetchTasks: 2, slots: 2, batching: [1, 1.2] },
    dueMs: WORK.dueMs.map(ms => ms / 2),
  }
  const tasks = IDS.map((id, i) => ({ id, publishedMs: two.dueMs[i]!, ...times(1)[i]! }))
  const answers = predictSchedule(tasks, [two.worker], { gapMs: GAP_MS }).map(
    ({ startedMs, endedMs }, i): Answer => ({ dueMs: two.dueMs[i]!, startedMs, endedMs, seenMs: endedMs }),
  )
  for (const one of compared(two, predictions(two), answers)) {
    expect(one.measured).toBeCloseTo(one.predicted, 3)
    expect(Math.abs(one.retold - one.measured)).toBeLessThan(1)
  }
})

test('a band has its prediction in it and widens with what is not known of the speed', () => {
  const narrow = predictions(WORK)
  const wide = predictions({ ...WORK, spread: 0.2 })
  for (const [i, { predicted, low, high }] of narrow.entries()) {
    expect(low).toBeLessThanOrEqual(predicted)
    expect(high).toBeGreaterThanOrEqual(predicted)
    expect((wide[i]?.high ?? 0) - (wide[i]?.low ?? 0)).toBeGreaterThan(high - low)
  }
})

test('the last answer may take longer than any that was seen: fewer than one such run in twenty is outside the band', () => {
  const deviation = 0.1
  const late = Array.from({ length: 200 }, (_, seed) => {
    const drawn = (id: string) => Math.exp(deviation * normal(seed, id, 'truth'))
    const work = {
      ...WORK,
      ids: IDS.slice(0, 5),
      dueMs: [0, 2_000, 4_000, 6_000, 8_000],
      seed,
      spread: 0,
      draw: () => IDS.slice(0, 5).map(() => ({ serviceMs: [1_000] })),
    }
    const seen = Array.from({ length: 10 }, (_, i) => drawn(`warm-${i}`))
    const usual = median(seen)
    const { low, high } = predictions({ ...work, beside: usual, ratios: seen.map(value => value / usual) }).find(
      ({ measure }) => measure === 'allSeenMs',
    )!
    const endedMs = 8_000 + 1_000 * drawn('last')
    return endedMs < low || endedMs > high
  }).filter(Boolean)
  expect(late.length).toBeLessThan(10)
})

test('a figure that rests on one answer is as uncertain as one answer', () => {
  const end = (work: Work) => predictions(work).find(({ measure }) => measure === 'allSeenMs')!
  const [even, uneven] = [end(WORK), end({ ...WORK, ratios: [0.7, 1, 1.3] })]
  expect(uneven.predicted).toBe(even.predicted)
  expect(uneven.high - uneven.low).toBeGreaterThan(even.high - even.low)
})
