import { Registry } from 'prom-client'
import { expect, test, vi } from 'vitest'
import type { Delivery } from '#contracts/events'
import type { MessageFrame } from '#contracts/frames'
import type { Task } from '#contracts/tasks'
import { createConversationOrder, endedTask } from './conversation-order.ts'

const id = (n: number) => `01890a5d-ac96-774b-bcce-b3020000000${n}`
const message: MessageFrame = {
  type: 'message',
  conversation: id(0),
  seq: 1,
  sender: 'URobot',
  to: 'ann',
  body: 'b',
  clientMessageId: id(1),
  sentAt: '',
}
const answer = (task: string): Delivery => ({ to: ['ann'], frame: { ...message, task, answered: true } })
const refused = (code: 'CANCELLED' | 'UNKNOWN_TASK'): Delivery => ({
  to: ['ann'],
  frame: { type: 'refused', ref: id(2), code, retryable: false, detail: '' },
})
const task = (n: number): Task => ({
  v: 1,
  id: id(n),
  capability: 'chat',
  message: { conversation: id(0), seq: n, sender: 'ann', clientMessageId: id(n), sentAt: '' },
  prompt: 'p',
  robot: 'URobot',
})

test.each<[string, Delivery, string | undefined]>([
  ['an answer', answer(id(3)), id(3)],
  ['an apology', { to: ['ann'], frame: { ...message, task: id(3), answered: false } }, id(3)],
  ['a cancellation', refused('CANCELLED'), id(2)],
  ['another refusal', refused('UNKNOWN_TASK'), undefined],
  ['a message that answers nothing', { to: ['ann'], frame: message }, undefined],
  [
    'a piece of an answer',
    { to: ['ann'], frame: { type: 'partial', conversation: id(0), task: id(3), attempt: 1, offset: 0, text: 't' } },
    undefined,
  ],
])('%s: which task it ends', (_, delivery, ended) => {
  expect(endedTask(delivery)).toBe(ended)
})

/** Claims that the test settles by hand, and what was published. */
function bench() {
  const claims: { ended: readonly string[]; give(tasks: Task[]): void; fail(error: Error): void }[] = []
  const published: string[][] = []
  const log = { warn: vi.fn(), error: vi.fn() }
  const order = createConversationOrder({
    store: {
      claimNext(ended) {
        const { promise, resolve, reject } = Promise.withResolvers<Task[]>()
        claims.push({ ended, give: resolve, fail: reject })
        return promise
      },
    },
    handOver: {
      async publish(tasks) {
        published.push(tasks.map(({ id }) => id))
        return tasks.map(() => 'confirmed')
      },
    },
    registry: new Registry(),
    log,
  })
  return { order, claims, published, log }
}

test('one claim at a time: what ends meanwhile shares the next, each once', async () => {
  const { order, claims, published } = bench()
  order.passing(answer(id(1)))
  for (const n of [2, 3, 2]) order.passing(answer(id(n)))
  expect(claims.map(claim => claim.ended)).toEqual([[id(1)]])
  claims[0]!.give([task(4)])
  await vi.waitUntil(() => claims.length === 2)
  expect([claims[1]!.ended, published]).toEqual([[id(2), id(3)], [[id(4)]]])
  claims[1]!.give([])
  await order[Symbol.asyncDispose]()
  expect(published).toHaveLength(1) // Nothing due, nothing published.
})

test('a claim that fails is left to the relay; the next one is made all the same', async () => {
  const { order, claims, published, log } = bench()
  order.passing(answer(id(1)))
  claims[0]!.fail(new Error('the database is away'))
  await vi.waitUntil(() => log.warn.mock.calls.length === 1)
  order.passing(answer(id(2)))
  claims[1]!.give([task(5)])
  await order[Symbol.asyncDispose]()
  expect(published).toEqual([[id(5)]])
})

test('when it stops, what was claimed is still published and nothing more is claimed', async () => {
  const { order, claims, published } = bench()
  order.passing(answer(id(1)))
  const stopped = order[Symbol.asyncDispose]()
  order.passing(answer(id(2)))
  claims[0]!.give([task(6)])
  await stopped
  expect([claims.length, published]).toEqual([1, [[id(6)]]])
})
