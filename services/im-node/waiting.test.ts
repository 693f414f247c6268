import { expect, test, vi } from 'vitest'
import type { OpenTask } from '../kit/chat-store.ts'
import { createWaiting } from './waiting.ts'

/** A node with one asker, whose task is in this state at each look, one after the other. */
async function newsOf(...looks: { waits: boolean; consumers: number }[]): Promise<string[]> {
  const news: string[] = []
  let looked = 0
  const now = () => looks[Math.min(looked, looks.length - 1)]!
  const task = (): OpenTask => ({ task: 't', conversation: 'c', asker: 'ann', capability: 'chat', waits: now().waits, ahead: 0 })
  const waiting = createWaiting({
    everyMs: 1,
    robot: 'URobot',
    store: { waiting: async () => [task()] } as never,
    broker: {
      counts: async () => {
        const { consumers } = now()
        looked += 1
        return { ready: 1, consumers }
      },
    } as never,
    connections: {
      has: () => true,
      deliver: (_: string[], frame: { workersOnline: number }) => news.push(`${looked - 1}: ${frame.workersOnline} online`),
    } as never,
    log: { warn: () => undefined } as never,
  })
  await using _closed = waiting
  waiting.arrived('ann')
  await vi.waitFor(() => expect(looked).toBeGreaterThan(looks.length))
  return news
}

test('a task that comes back to the queue is news again, also when its asker saw it run', async () => {
  const [queued, runs, back] = [
    { waits: true, consumers: 2 },
    { waits: false, consumers: 2 },
    { waits: true, consumers: 0 },
  ]
  expect(await newsOf(runs, runs, back)).toEqual(['2: 0 online'])
  expect(await newsOf(queued, runs, queued)).toEqual(['0: 2 online', '2: 2 online'])
  expect(await newsOf(queued, queued, back)).toEqual(['0: 2 online', '2: 0 online'])
})
