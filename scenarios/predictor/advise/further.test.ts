import { describe, expect, test } from 'vitest'
import { answerOf } from './answer.ts'
import { capacityOf } from './capacity.ts'
import { card, kind, questionOf } from './fixture.ts'
import type { Point } from './further.ts'
import type { Question } from './question.ts'
import { Trials } from './trial.ts'

describe('what a change brings', () => {
  const question = questionOf({ kinds: [card('rtx-4090'), card('rx-7650-gre')], load: 0.6 })
  const { beyond, advice } = answerOf(question)
  const find = (kind: string) => beyond.changes.filter(({ change }) => change.kind === kind)

  test('another GPU shortens the wait, one less lengthens it; a threshold shortens the answer', () => {
    for (const { change, before, after } of find('gpu')) {
      const shorter = change.kind === 'gpu' && change.more === 1
      if (shorter) expect(after.waitMs.p95.value).toBeLessThan(before.waitMs.p95.value)
      else expect(after.waitMs.p95.value).toBeGreaterThan(before.waitMs.p95.value)
    }
    const [threshold] = find('threshold')
    expect(threshold!.after.answerMs.p95.value).toBeLessThan(threshold!.before.answerMs.p95.value)
  })

  test('order costs, and a crowd that is held back leaves room for the others', () => {
    const [[order], [fair]] = [find('order'), find('fair')]
    expect(order!.after.waitMs.p95.value).toBeGreaterThan(order!.before.waitMs.p95.value)
    expect(fair!.after.waitMs.p95.value).toBeLessThan(0.8 * fair!.before.waitMs.p95.value)
    expect(fair!.before.tasks).toBe(4 * 12_000 * 0.9)
  })

  test('the curves rise with load and link', () => {
    const rises = (points: readonly Point[]) => {
      const own = points.map(({ p95WaitMs: [ms] }) => ms ?? Number.POSITIVE_INFINITY)
      return own.every((ms, i) => i === 0 || ms >= own[i - 1]!)
    }
    expect([rises(beyond.loads), rises(beyond.links)]).toEqual([true, true])
    expect(beyond.links[0]!.at).toBe(0)
  })

  test('equal workers have no priority and no threshold; an overload has capacity alone', { timeout: 60_000 }, () => {
    const equal = questionOf({ kinds: [kind(1_000)], fleet: [0, 0] })
    const kinds = answerOf(equal).beyond.changes.map(({ change }) => change.kind)
    expect(kinds).toEqual(['gpu', 'fair', 'order'])
    const full = answerOf({ ...question, arrivals: { kind: 'poisson', perSecond: 3 * advice.load.capacityPerSecond } })
    expect(full.beyond).toMatchObject({ changes: [], links: [] })
    expect(full.capacity).toMatchObject({ enough: false, needed: [{ of: 0 }, { of: 1 }] })
  })
})

describe('how many GPUs an SLO needs', () => {
  const question = questionOf({ kinds: [kind(2_000), kind(7_000)], load: 0.7 })
  const needed = (change: Partial<Question>, growth: number) => {
    const asked = { ...question, sloMs: 5_000, ...change }
    return capacityOf(asked, new Trials(asked), { growth, costs: [2, 1] })
  }

  test('more arrivals or a shorter wait never need fewer, and one fewer is not enough', { timeout: 60_000 }, () => {
    const counts = [1.5, 2, 4].map(growth => needed({}, growth).needed[0]!.more!)
    expect(counts).toEqual(counts.toSorted((a, b) => a - b))
    expect(needed({ sloMs: 1_000 }, 2).needed[0]!.more!).toBeGreaterThanOrEqual(counts[1]!)
    const oneFewer = [0, 1, ...Array.from({ length: counts[2]! - 1 }, () => 0)]
    expect(needed({ fleet: oneFewer }, 4)).toMatchObject({ enough: false, needed: [{ more: 1 }, expect.anything()] })
    expect(needed({ fleet: [...oneFewer, 0] }, 4).enough).toBe(true)
  })

  test('a price for every kind gives the cost of all workers', () => {
    for (const { of, more, costPerHour } of needed({}, 4).needed) expect(costPerHour).toBe(3 + more! * (of === 0 ? 2 : 1))
  })
})
