import { expect, test } from 'vitest'
import { countsOf, hadBacklog, KEDA_DEFAULTS, looksOf, replicasFor } from './autoscaler.ts'
import type { History, HistoryEvent } from './history.ts'

const held = (atMs: number, worker: string, held: number): HistoryEvent => ({ kind: 'held', atMs, worker, held, running: 1 })
const queue = (atMs: number, ready: number, name = 'bot.tasks'): HistoryEvent => ({ kind: 'queue', atMs, queue: name, ready, consumers: 2 })
const history = (...events: HistoryEvent[]): History => ({
  ...{ sequenced: true, robot: 'robot', attemptsMax: 3, events },
  workers: ['fast', 'slow'].map(name => ({ name, prefetchTasks: 250, slots: 1 })),
})
const HOARDED = history(held(100, 'fast', 40), held(100, 'slow', 41), queue(102, 0), held(350, 'slow', 30), queue(352, 7))

test('ready is the broker’s count, unacked the sum of what the workers hold; a dead worker holds nothing', () => {
  expect(countsOf(HOARDED)).toEqual([
    { atMs: 102, ready: 0, unacked: 81 },
    { atMs: 352, ready: 7, unacked: 30 },
  ])
})

test('a look without any worker is a look of its own', () => {
  expect(countsOf(history(held(0, 'fast', 3), queue(1, 1), queue(250, 4))).at(-1)).toEqual({ atMs: 250, ready: 4, unacked: 0 })
})

test('several queues of one look are added up', () => {
  expect(countsOf(history(held(0, 'fast', 1), queue(1, 2), queue(2, 3, 'bot.tasks.chat.14b')))).toEqual([{ atMs: 2, ready: 5, unacked: 1 }])
})

test('over amqp the scaler asks for nobody while the workers hold everything, over http for five', () => {
  const looks = looksOf(HOARDED, KEDA_DEFAULTS, 1, { fromMs: 102, toMs: 102 })
  expect(looks).toEqual([{ atMs: 102, ready: 0, unacked: 81, amqp: 0, http: 5 }])
})

test('it looks every 30 s of the deployment, of which a lab at time scale 50 has fifty in a second', () => {
  const window = { fromMs: 0, toMs: 1_200 }
  expect(looksOf(HOARDED, KEDA_DEFAULTS, 50, window).map(({ atMs, http }) => [atMs, http])).toEqual([
    [0, 0],
    [600, 2],
    [1_200, 2],
  ])
  expect(looksOf(HOARDED, { ...KEDA_DEFAULTS, value: 10 }, 50, window)[1]).toMatchObject({ amqp: 1, http: 4 })
})

test('replicas are whole, and none for nothing', () => expect([0, 1, 20, 21].map(n => replicasFor(n, { value: 20 }))).toEqual([0, 1, 1, 2]))

test('with nothing but tasks in work nobody waits', () => {
  expect(hadBacklog(history(held(0, 'fast', 1), held(0, 'slow', 1), queue(1, 0)))).toBe(false)
  expect(hadBacklog(history(held(0, 'fast', 2), held(0, 'slow', 1), queue(1, 0)))).toBe(true)
  expect(hadBacklog(history())).toBe(false)
})
