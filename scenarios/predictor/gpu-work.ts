import { drawnTasks, tracedTasks, type Work } from './advise/draw.ts'
import { meanTokens } from './advise/question.ts'
import type { DrawnWork, PredictArguments } from './described.ts'
import type { TraceRow } from './trace/row.ts'

type Drawn = Pick<PredictArguments, 'serviceMs' | 'slots'> & { work?: DrawnWork }

/** What `gpus` take for each task, drawn as in `advise`. @param rows of a trace: its own lengths */
export function gpuWork({ gpus, tasks, serviceMs, slots, seed }: PredictArguments, rows: readonly TraceRow[] | undefined): Drawn {
  if (gpus === undefined) return { serviceMs, slots }
  // Only lengths are drawn here: a rate that nobody uses.
  const arrivals: Work['arrivals'] = rows === undefined ? { kind: 'poisson', perSecond: 1 } : { kind: 'trace', rows, load: undefined }
  const work = { ...gpus, arrivals, seed }
  const { serviceMs: byKind } = rows === undefined ? drawnTasks(work, tasks, 0) : tracedTasks(work)
  const meanMs = byKind.map(times => times.reduce((sum, ms) => sum + ms, 0) / times.length)
  return {
    serviceMs: gpus.fleet.map(kind => meanMs[kind]!),
    slots: gpus.fleet.map(kind => gpus.kinds[kind]!.slots),
    work: { taskMs: gpus.fleet.map(kind => byKind[kind]!), tokens: meanTokens(work) },
  }
}
