import { expect, test } from 'vitest'
import type { EventOf } from '#evidence/history'
import { columnsOf, peakOf, readySteps, spansAbove, waitingSteps } from './steps.ts'

const asked = (askedMs: number, startedMs?: number) => ({ task: '', user: '', askedMs, ...(startedMs === undefined ? {} : { startedMs }) })
const window = { fromMs: 0, toMs: 10 }

test('people waiting: from asking to the start; one that never began waits on, one with an apology does not', () => {
  const steps = waitingSteps([asked(0, 4), asked(2, 4), asked(6), { ...asked(7), apologyMs: 8 }])
  expect(steps).toEqual([
    { atMs: 0, count: 1 },
    { atMs: 2, count: 2 },
    { atMs: 4, count: 0 },
    { atMs: 6, count: 1 },
    { atMs: 7, count: 2 },
    { atMs: 8, count: 1 },
  ])
  expect(peakOf(steps)).toBe(2)
  expect(spansAbove(steps, window)).toEqual([
    { fromMs: 0, toMs: 4 },
    { fromMs: 6, toMs: 10 },
  ])
})

test('columns show the highest count in them: no peak is lost', () => {
  const steps = waitingSteps([asked(0, 9), asked(4.1, 4.2), asked(4.1, 4.2)])
  expect(columnsOf(steps, window, 10)).toEqual([1, 1, 1, 1, 3, 1, 1, 1, 1, 0])
  expect(columnsOf(steps, window, 2)).toEqual([3, 1])
  expect(columnsOf([], window, 3)).toEqual([0, 0, 0])
})

test('messages ready: the latest count of each queue, what was before the window holds at its beginning', () => {
  const queue = (atMs: number, name: string, ready: number): EventOf<'queue'> => ({ kind: 'queue', atMs, queue: name, ready, consumers: 1 })
  const events = [queue(-5, 'a', 9), queue(-1, 'a', 3), queue(2, 'b', 4), queue(3, 'a', 0), queue(20, 'a', 7)]
  const history = { sequenced: true, robot: '', workers: [], attemptsMax: 3, events }
  expect(readySteps(history, window)).toEqual([
    { atMs: 0, count: 3 },
    { atMs: 2, count: 7 },
    { atMs: 3, count: 4 },
  ])
})
