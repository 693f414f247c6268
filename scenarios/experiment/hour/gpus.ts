import { capacityPerSecond } from '#predictor'
import type { Hour } from './hour.ts'

/** Speed of the hour's GPUs, and a `predict` command with the same figures. Pure. */

type Asked = Pick<Hour, 'hourMs' | 'gpus' | 'tasks' | 'gapMs' | 'prefetchTasks'>

/** Mean time of an answer on each GPU, gap included. Milliseconds of the hour. */
export function answerMs({ gpus, tasks, gapMs }: Asked): number[] {
  return gpus.map((_, g) => gapMs + tasks.reduce((sum, task) => sum + (task.serviceMs[g] ?? 0), 0) / tasks.length)
}

/** What is asked, as a share of what both GPUs can do, the gap included. */
export function offeredShare(hour: Asked): number {
  return (1_000 * hour.tasks.length) / hour.hourMs / capacityPerSecond([answerMs(hour)], hour.gpus.length)
}

/** A shorter gap reads 0.0 s. */
const TOLD_MS = 50

/** Three lines of at most 80 columns; none where nothing was asked. */
export function gpuLines(hour: Asked, seed: number): string[] {
  const { tasks, hourMs, prefetchTasks, gapMs } = hour
  if (tasks.length === 0) return []
  const each = answerMs(hour)
  const told = (ms: number) => `${(ms / 1_000).toFixed(1)} s`
  const [fast = '', slow = ''] = each.map(ms => told(ms - gapMs))
  const handOver = gapMs < TOLD_MS ? '' : `, gap ${told(gapMs)}`
  const perSecond = Number(((1_000 * tasks.length) / hourMs).toPrecision(3))
  return [
    `Means: ${hour.gpus[0]} ${fast} an answer, ${hour.gpus[1]} ${slow}${handOver}. Near it:`,
    `  npm run predict -- --tasks ${tasks.length} --service-ms ${each.map(Math.round).join(',')} --prefetch ${prefetchTasks[0]} \\`,
    `    --start poisson:${perSecond}/s --seed ${seed}`,
  ]
}
