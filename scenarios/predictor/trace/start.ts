import type { Start } from '#predictor'
import type { Fleet, PredictArguments } from '../described.ts'
import { gpusPerSecond } from '../offered-load.ts'
import type { TraceRow } from './row.ts'

/** Arrivals of a trace from 0. @param load stretches gaps to this share */
export function traceStart(rows: readonly TraceRow[], { load, ...fleet }: Fleet & Pick<PredictArguments, 'load'>): Start {
  const firstMs = rows[0]?.atMs ?? 0
  const spanMs = (rows.at(-1)?.atMs ?? 0) - firstMs
  const wantedMs = load === undefined ? spanMs : ((rows.length - 1) * 1_000) / (load * gpusPerSecond(fleet))
  const stretch = spanMs === 0 ? 1 : wantedMs / spanMs
  return { kind: 'trace', publishedMs: rows.map(row => (row.atMs - firstMs) * stretch) }
}
