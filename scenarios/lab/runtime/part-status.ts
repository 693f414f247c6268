import type { Part } from '../plan.ts'
import type { PartContext, PartProcess } from './part-process.ts'
import { isAlive } from './proc.mjs'
import { cpuMs, isPaused, rssMiB, treeOf } from './processes.ts'
import type { LabState, PartRecord } from './state.ts'
import type { PartState, PartStatus } from './types.ts'

const PROBE_WITHIN_MS = 2_000

/** One part as it is now: looked at, not remembered. */
export async function partStatus(
  part: Part,
  kind: PartProcess,
  record: PartRecord | undefined,
  context: PartContext | undefined,
  phase: LabState['phase'],
): Promise<PartStatus> {
  const base = { ...part, missing: [], urls: {}, uptimeSeconds: 0, restarts: 0, rssMiB: 0, cpuMs: 0 }
  if (record === undefined || context === undefined) return { ...base, state: 'stopped' }
  const shared = { ...base, urls: kind.urls(record.ports, context.space, context.passwords), restarts: Math.max(0, record.starts - 1) }
  const [main] = record.processes
  if (main === undefined || !isAlive(main)) {
    const never = main === undefined && phase === 'starting'
    return { ...shared, state: never ? 'starting' : record.wanted === 'running' ? 'exited' : 'stopped' }
  }
  const tree = record.processes.flatMap(treeOf)
  const uptimeSeconds = Math.round((Date.now() - Date.parse(record.startedAt)) / 100) / 10
  const running = { ...shared, uptimeSeconds, rssMiB: rssMiB(tree), cpuMs: cpuMs(tree) }
  if (isPaused(main)) return { ...running, state: 'paused' }
  const missing = await kind
    .missing(context, AbortSignal.timeout(PROBE_WITHIN_MS))
    .catch((error: unknown) => [error instanceof Error ? error.message : String(error)])
  const state: PartState = missing.length === 0 ? 'ready' : phase === 'starting' ? 'starting' : 'not-ready'
  return { ...running, state, missing }
}
