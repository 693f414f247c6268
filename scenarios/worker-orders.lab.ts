import { expect, test } from 'vitest'
import { startLab } from '#lab'

/** A running worker takes on another prefetch at once, and keeps it over a restart. */
test('prefetch and slots change in a running lab, and nothing is lost', async () => {
  await using lab = await startLab({
    settings: { timeScale: 0.2, gpuColdLoad: false },
    gpus: [{ name: 'gpu', profile: 'synthetic-slow' }],
    workers: [{ name: 'worker', gpu: 'gpu' }],
  })
  await using asker = await lab.client('ann')
  const answers = Promise.all(Array.from({ length: 16 }, (_, i) => asker.ask(`question ${i}`, { answerWithinMs: 60_000 })))
  const ready = async () => (await lab.queue('bot.tasks'))?.ready ?? -1
  const held = async () => Object.values((await lab.held())[0]?.queues ?? {}).reduce((sum, queue) => sum + queue.held, 0)
  await lab.until('most of them wait in the queue', ready, { atLeast: 10, withinMs: 20_000 })

  expect(await lab.order('worker', { workerPrefetchTasks: 20, workerSlots: 1 })).toContain('"workerPrefetchTasks":20')
  await lab.until('the worker holds all of them', ready, { equals: 0, withinMs: 5_000 })
  expect(await held()).toBeGreaterThan(5)

  await lab.order('worker', { workerPrefetchTasks: 1, workerSlots: 1 })
  await lab.until('it gave back what it had not begun', ready, { atLeast: 4, withinMs: 5_000 })
  expect(await held()).toBeLessThanOrEqual(2)

  await lab.stop('worker')
  expect(await lab.order('worker', { workerPrefetchTasks: 3, workerSlots: 2 })).toBeUndefined()
  await lab.start('worker')
  expect(await lab.shownSettings('worker')).toMatchObject({ workerPrefetchTasks: 3, workerSlots: 2 })
  expect((await answers).map(({ state }) => state)).toEqual(Array(16).fill('answered'))
  await expect(lab.order('gpu', { workerPrefetchTasks: 3, workerSlots: 2 })).rejects.toThrow('not a worker')
})
