import { describe, expect, test } from 'vitest'
import { exponentialDraw, idealSchedule, type ModelWorker, predictSchedule, publishTimesMs, taskIds, waitsOf } from './index.ts'

/** Mean waits over replications beside queueing theory's exact values. */

/** Mean wait in queue of M/M/c (Erlang C), in units of the mean service time. */
function erlangCWait(servers: number, load: number): number {
  const offered = servers * load
  let term = 1
  let sum = 0
  for (let k = 0; k < servers; k++) {
    sum += term
    term *= offered / (k + 1)
  }
  const waiting = term / (1 - load)
  return waiting / (sum + waiting) / (servers * (1 - load))
}

const TASKS = 9_000
const REPLICATIONS = 10
const IDS = taskIds(TASKS)

/** Mean wait and its standard error, in service times; the first sixth is warm-up. */
function replicate(servers: number, load: number, draws: 'exponential' | 'constant', schedule: typeof idealSchedule) {
  const workers: ModelWorker[] = Array.from({ length: servers }, (_, index) => ({ name: `server-${index}`, prefetchTasks: 1 }))
  const means = Array.from({ length: REPLICATIONS }, (_, seed) => {
    const publishedMs = publishTimesMs({ kind: 'poisson', perSecond: 1_000 * servers * load }, IDS, seed)
    const tasks = IDS.map((id, index) => {
      const service = draws === 'constant' ? 1 : exponentialDraw(seed, id, 'service', 1)
      return { id, publishedMs: publishedMs[index]!, serviceMs: workers.map(() => service) }
    })
    return waitsOf(schedule(tasks, workers).slice(TASKS / 6)).mean
  })
  const mean = means.reduce((sum, value) => sum + value, 0) / REPLICATIONS
  const variance = means.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (REPLICATIONS - 1)
  return { mean, standardError: Math.sqrt(variance / REPLICATIONS) }
}

describe.each([
  ['the ideal schedule', idealSchedule],
  ['dispatch with prefetch 1 and no gap', predictSchedule],
] as const)('%s', (_, schedule) => {
  test.each([
    [1, 0.7],
    [2, 0.8],
    [4, 0.7],
  ])('M/M/%d at load %d waits as Erlang C says', (servers, load) => {
    const { mean, standardError } = replicate(servers, load, 'exponential', schedule)
    const exact = erlangCWait(servers, load)
    expect(Math.abs(mean - exact), `${mean} ± ${standardError}, exact ${exact}`).toBeLessThan(4 * standardError)
    expect(standardError).toBeLessThan(0.1 * exact) // Else the line above would say nothing.
  })

  test.each([0.7])('M/D/1 at load %d waits load / (2 (1 - load))', load => {
    const { mean, standardError } = replicate(1, load, 'constant', schedule)
    const exact = load / (2 * (1 - load))
    expect(Math.abs(mean - exact), `${mean} ± ${standardError}, exact ${exact}`).toBeLessThan(4 * standardError)
    expect(standardError).toBeLessThan(0.1 * exact)
  })
})
