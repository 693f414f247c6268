import { expect, test } from 'vitest'
import type { Inference } from '#contracts/http'
import { Tasks } from './tasks.ts'

const tasks = () => new Tasks({ zeroMs: 1_000, timeScale: 10 })
const ns = (ms: number) => String(Math.round(ms * 1e6))
const inference = (task: string, more: Partial<Inference> & { receivedMs: number; startedMs?: number; endedMs?: number }): Inference => ({
  ...{ index: 0, task, attempt: 1, worker: 'w', model: 'm', promptTokens: 1, answerTokens: 1, outcome: 'running' as const },
  receivedAtNs: ns(more.receivedMs),
  ...(more.startedMs === undefined ? {} : { startedAtNs: ns(more.startedMs) }),
  ...(more.endedMs === undefined ? {} : { endedAtNs: ns(more.endedMs) }),
  ...(more.heldMs === undefined ? {} : { heldMs: more.heldMs }),
  ...(more.outcome === undefined ? {} : { outcome: more.outcome }),
  ...(more.attempt === undefined ? {} : { attempt: more.attempt }),
})

test('a question from asking to its end, in GPU time; only what changed is sent', () => {
  const own = tasks()
  own.asked('a', 1_100)
  expect(own.take(1_100)).toEqual([[0, 1_000, null, null, null, null, 0]])
  expect(own.take(1_100)).toEqual([])
  own.inferred(1, inference('a', { receivedMs: 1_300, startedMs: 1_310, heldMs: 50 }))
  expect(own.take(1_310)).toEqual([[0, 1_000, 2_500, 3_100, null, 1, 0]])
  own.inferred(1, inference('a', { receivedMs: 1_300, startedMs: 1_310, heldMs: 50, endedMs: 1_400, outcome: 'done' }))
  expect(own.take(1_400)).toEqual([[0, 1_000, 2_500, 3_100, 4_000, 1, 0]])
})

test('what a worker holds is hidden; once none lists it, it is back in its queue', () => {
  const own = tasks()
  own.asked('a', 1_000)
  own.held(new Map([[0, [{ task: 'a', heldMs: 20 }]]]), 1_050, true)
  expect(own.all()).toEqual([[0, 0, 300, null, null, 0, 0]])
  own.held(new Map([[0, []]]), 1_060, false)
  expect(own.all()).toEqual([[0, 0, 300, null, null, 0, 0]])
  own.held(new Map([[0, []]]), 1_070, true)
  expect(own.all()).toEqual([[0, 0, null, null, null, null, 0]])
})

test('a failed inference leaves its asker waiting, and an old attempt changes nothing', () => {
  const own = tasks()
  own.asked('a', 1_000)
  own.inferred(0, inference('a', { receivedMs: 1_010, startedMs: 1_010, endedMs: 1_020, outcome: 'failed' }))
  expect([own.waiting, own.all()]).toEqual([1, [[0, 0, null, null, null, null, 0]]])
  own.inferred(1, inference('a', { receivedMs: 1_030, startedMs: 1_030, attempt: 2 }))
  own.inferred(0, inference('a', { receivedMs: 1_010, startedMs: 1_010, endedMs: 1_020, outcome: 'failed' }))
  expect([own.waiting, own.all()]).toEqual([0, [[0, 0, 300, 300, null, 1, 0]]])
})

test('a GPU that lost its log works on nothing; an apology ends the waiting', () => {
  const own = tasks()
  own.asked('a', 1_000)
  own.inferred(0, inference('a', { receivedMs: 1_010, startedMs: 1_010 }))
  own.interrupted(0)
  expect(own.waiting).toBe(1)
  own.over('a', 1_100)
  expect([own.waiting, own.all()[0]?.[6]]).toEqual([0, 1])
})

test('the old are forgotten in order', () => {
  const own = tasks()
  for (const id of ['a', 'b']) own.inferred(0, inference(id, { receivedMs: 1_000, startedMs: 1_000, endedMs: 1_010, outcome: 'done' }))
  own.asked('c', 200_000)
  own.take(200_000)
  expect([own.forgetBelow, own.all().map(([n]) => n)]).toEqual([2, [2]])
})
