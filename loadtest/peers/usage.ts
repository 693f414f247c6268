import type { Lab } from '#lab'
import { ownCpuMs, readMachine } from '../../scenarios/lab/runtime/machine-load.ts'
import { cpuMs, processesOf, rssMiB } from '../../scenarios/lab/runtime/processes.ts'
import { labFolder, labHome } from '../../scenarios/lab/runtime/state.ts'

/** CPU time and memory of a system by kind of part. Milliseconds, MiB. */

export type Kind = 'node' | 'broker' | 'database' | 'redis'

export interface Used {
  kind: Kind
  cpuMs: number
  rssMiB: number
}

const KINDS = { broker: 'broker', database: 'database', 'im-node': 'node' } as const

/** Of a lab's parts. By /proc alone: a look through the parts' health would be load of its own. */
export function labUsed(lab: Lab, kinds: readonly Kind[]): Used[] {
  const folder = labFolder(labHome(), lab.name)
  return lab.parts.flatMap(({ name, kind }) => {
    const as = kind === 'gpu' || kind === 'worker' || kind === 'command' || kind === 'console' ? undefined : KINDS[kind]
    if (as === undefined || !kinds.includes(as)) return []
    const ids = processesOf(folder, name)
    return [{ kind: as, cpuMs: cpuMs(ids), rssMiB: rssMiB(ids) }]
  })
}

export function byKind(used: readonly Used[], of: 'cpuMs' | 'rssMiB'): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const one of used) sums[one.kind] = (sums[one.kind] ?? 0) + one[of]
  return sums
}

/** The machine, and what of it is ours: a system, its client, this process. */
export function lookAt(used: readonly Used[], clientMs: number) {
  return { ...readMachine(), used, clientMs, ownMs: used.reduce((sum, { cpuMs }) => sum + cpuMs, 0) + clientMs + ownCpuMs() }
}
