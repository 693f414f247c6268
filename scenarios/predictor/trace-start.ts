import type { Start } from '#predictor'
import type { PredictArguments } from './described.ts'
import { gpusPerSecond } from './offered-load.ts'
import { TraceError, type TraceRow } from './trace.ts'

/** Arrivals of a trace from 0. @param load stretches gaps to this share. Throws TraceError. */
export function traceStart(rows: readonly TraceRow[], { tasks, serviceMs, slots, load }: PredictArguments): Start {
  const taken = rows.slice(0, tasks)
  const [first, last] = [taken[0], taken.at(-1)]
  if (first === undefined || last === undefined || taken.length < tasks)
    throw new TraceError(`expected ${tasks} rows, got ${rows.length}; ask for fewer: --tasks ${rows.length}`)
  const spanMs = last.atMs - first.atMs
  const wantedMs = load === undefined ? spanMs : ((tasks - 1) * 1_000) / (load * gpusPerSecond(serviceMs, slots))
  const stretch = spanMs === 0 ? 1 : wantedMs / spanMs
  return { kind: 'trace', publishedMs: taken.map(row => (row.atMs - first.atMs) * stretch) }
}
