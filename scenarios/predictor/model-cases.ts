import { connectTimeMs, publishTimesMs, type Start } from './arrivals.ts'
import type { ModelTask, ModelWorker } from './model.ts'

/** Cases that the tests and `npm run predict` share. */

export function taskIds(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `task-${index}`)
}

/** Tasks that all take the same on a worker, all published at 0 unless another start is given. */
export function sameTasks(count: number, serviceMs: readonly number[], start: Start = { kind: 'burst' }, seed = 1): ModelTask[] {
  const ids = taskIds(count)
  const publishedMs = publishTimesMs(start, ids, seed)
  return ids.map((id, index) => ({ id, publishedMs: publishedMs[index]!, serviceMs }))
}

/** Workers `worker-1`, `worker-2` … that differ in nothing but their name. */
export function startedWorkers(count: number, settings: Omit<ModelWorker, 'name' | 'connectedMs'>, start: Start): ModelWorker[] {
  const connectedMs = connectTimeMs(start)
  return Array.from({ length: count }, (_, index) => ({ name: `worker-${index + 1}`, connectedMs, ...settings }))
}
