import type { ModelWorker, Schedule } from './model.ts'

/** Milliseconds. */
export interface Waits {
  mean: number
  p50: number
  p95: number
  max: number
}

/** Waits from publishing to the start of the answer. */
export function waitsOf(schedule: Schedule): Waits {
  return summarise(schedule.map(({ publishedMs, startedMs }) => startedMs - publishedMs))
}

/** The smallest value that this share does not exceed; of none 0. @param sorted ascending */
export function nearestRank(sorted: ArrayLike<number>, share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
}

/** Mean, nearest-rank percentiles, maximum; all 0 for an empty list. */
export function summarise(values: readonly number[]): Waits {
  const sorted = Float64Array.from(values).sort()
  const mean = sorted.length === 0 ? 0 : sorted.reduce((sum, value) => sum + value, 0) / sorted.length
  return { mean, p50: nearestRank(sorted, 0.5), p95: nearestRank(sorted, 0.95), max: sorted.at(-1) ?? 0 }
}

/** Tasks that each worker ran, in the order of the workers. */
export function sharesOf(schedule: Schedule, workers: readonly Pick<ModelWorker, 'name'>[]): number[] {
  const counts = new Map<string, number>()
  for (const { worker } of schedule) counts.set(worker, (counts.get(worker) ?? 0) + 1)
  return workers.map(({ name }) => counts.get(name) ?? 0)
}

/** From the first publish to the last end. Milliseconds. */
export function makespanMs(schedule: Schedule): number {
  const last = schedule.reduce((latest, { endedMs }) => Math.max(latest, endedMs), Number.NEGATIVE_INFINITY)
  return schedule.length === 0 ? 0 : last - schedule[0]!.publishedMs
}

/** The longest that a worker holds a task unsettled. Milliseconds; 0 for none. */
export function heldMaxMs(schedule: Schedule): number {
  return schedule.reduce((longest, { deliveredMs, endedMs }) => Math.max(longest, endedMs - deliveredMs), 0)
}

/** Tasks that a worker holds unsettled for longer than this, by worker. */
export function heldLonger(schedule: Schedule, limitMs: number): { worker: string; tasks: number }[] {
  const counts = new Map<string, number>()
  for (const { worker, deliveredMs, endedMs } of schedule)
    if (endedMs - deliveredMs > limitMs) counts.set(worker, (counts.get(worker) ?? 0) + 1)
  return Array.from(counts, ([worker, tasks]) => ({ worker, tasks }))
}
