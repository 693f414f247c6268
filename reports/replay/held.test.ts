import { expect, test } from 'vitest'
import { predictSchedule, sameTasks } from '#predictor'
import { heldNotes } from './held.ts'

test('tasks held past the consumer timeout, in GPU time and by worker', () => {
  const workers = ['worker-1', 'worker-2'].map(name => ({ name, prefetchTasks: 50 }))
  const schedule = predictSchedule(sameTasks(100, [100, 1_000]), workers)
  expect(heldNotes(schedule, 30)).toEqual([])
  // Held for 37 s to 50 s, which is 30 min to 41 min.
  expect(heldNotes(schedule, 49)).toEqual([
    expect.stringMatching(/^worker-2 held 14 tasks for longer than 30\.0 min of GPU time: RabbitMQ's consumer timeout\./),
  ])
})
