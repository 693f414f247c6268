import { capacityPerSecond } from '#predictor'
import { GPUS, type Hour } from './hour.ts'

/** How fast the hour's GPUs are, and what to type for a model of it whose figures can be changed one by one. Pure. */

type Asked = Pick<Hour, 'hourMs' | 'tasks' | 'gapMs' | 'prefetchTasks'>

/** What each GPU takes for an answer, mean over the hour's questions, the gap included. Milliseconds of the hour. */
export function answerMs({ tasks, gapMs }: Asked): number[] {
  return GPUS.map((_, g) => gapMs + tasks.reduce((sum, task) => sum + (task.serviceMs[g] ?? 0), 0) / tasks.length)
}

/** What is asked, as a share of what both GPUs can do, the gap included. */
export function offeredShare(hour: Asked): number {
  return (1_000 * hour.tasks.length) / hour.hourMs / capacityPerSecond([answerMs(hour)], GPUS.length)
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
    `Means: ${GPUS[0]} ${fast} an answer, ${GPUS[1]} ${slow}${handOver}. Near it:`,
    `  npm run predict -- --tasks ${tasks.length} --service-ms ${each.map(Math.round).join(',')} --prefetch ${prefetchTasks[0]} \\`,
    `    --start poisson:${perSecond}/s --seed ${seed}`,
  ]
}
