import { expect, test } from 'vitest'
import type { SettingsInput } from '#contracts/settings'
import { DEFAULT_PLAN } from '../lab/plan.ts'
import { armModel } from './arm-model.ts'
import { EXACT_GPUS, withSlots } from './pieces.ts'

const model = (slots: number, settings: SettingsInput, partSettings = {}) =>
  armModel({ ...DEFAULT_PLAN, gpus: EXACT_GPUS.map(gpu => withSlots(gpu, slots)), settings, partSettings }, 1)

test('the model has the slots, the curve and the priority of each worker', () => {
  const { workers } = model(3, { workerSlots: 2, workerPrefetchTasks: 4 }, { 'worker-slow': { workerPriority: -1 } })
  const both = { prefetchTasks: 4, slots: 2, batching: [1, 1.8, 2.5] }
  expect(workers).toEqual([
    { name: 'worker-fast', priority: 0, ...both },
    { name: 'worker-slow', priority: -1, ...both },
  ])
})

test('a GPU works on no more at once than it has slots, whatever the worker asks for', () => {
  expect(model(2, { workerSlots: 8 }).workers.map(({ slots }) => slots)).toEqual([2, 2])
})

test('a load is a share of what all slots can do, so arms of another prefetch are offered the same', () => {
  const prompts = (slots: number, settings: SettingsInput) =>
    model(slots, { workerSlots: slots, ...settings }).poisson(0.5, 200_000, 0).length
  const [one, four] = [prompts(1, {}), prompts(4, {})]
  expect(four / one).toBeGreaterThan(2.9)
  expect(four / one).toBeLessThan(3.3)
  expect(prompts(4, { workerPrefetchTasks: 250 })).toBe(four)
})
