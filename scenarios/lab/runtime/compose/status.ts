import type { Part } from '../../plan.ts'
import { cpuMs, rssMiB } from '../processes.ts'
import type { LabState, PartRecord } from '../state.ts'
import type { PartState, PartStatus } from '../types.ts'
import { processesIn } from './load.ts'
import type { ContainerState } from './project.ts'

export interface Looked {
  record: PartRecord | undefined
  state: ContainerState | undefined
  urls: Record<string, string>
  phase: LabState['phase']
  missing(): Promise<string[]>
}

/** One part as it is now: looked at, not remembered. */
export async function containerStatus(part: Part, { record, state, urls, phase, missing }: Looked): Promise<PartStatus> {
  const base = { ...part, missing: [], urls, uptimeSeconds: 0, restarts: Math.max(0, (record?.starts ?? 0) - 1), rssMiB: 0, cpuMs: 0 }
  if (state === undefined || (state.status !== 'running' && state.status !== 'paused')) {
    const never = state === undefined && phase === 'starting'
    return { ...base, state: never ? 'starting' : record?.wanted === 'running' ? 'exited' : 'stopped' }
  }
  const uptimeSeconds = Math.round((Date.now() - Date.parse(state.startedAt)) / 100) / 10
  const processes = (await processesIn(state.pid)).map(pid => ({ pid }))
  const running = { ...base, uptimeSeconds, rssMiB: rssMiB(processes), cpuMs: cpuMs(processes) }
  if (state.status === 'paused') return { ...running, state: 'paused' }
  const wanted = await missing()
  const is: PartState = wanted.length === 0 ? 'ready' : phase === 'starting' ? 'starting' : 'not-ready'
  return { ...running, state: is, missing: wanted }
}
