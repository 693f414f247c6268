import type { GrowthAxis } from '#evidence/growth-document'

/** What grows, over which sizes, and of which systems. */

export type GrowthSystem = 'ours' | 'hop-fanout' | 'hop-routed' | 'queue-classic' | 'queue-quorum'

export interface Axis {
  axis: GrowthAxis
  sizes: readonly number[]
  systems: readonly GrowthSystem[]
}

export const AXES: readonly Axis[] = [
  { axis: 'nodes', sizes: [2, 4, 8], systems: ['ours', 'hop-fanout', 'hop-routed'] },
  { axis: 'users', sizes: [100, 1_000, 10_000], systems: ['ours'] },
  { axis: 'bytes', sizes: [100, 1_000, 4_096, 16_384], systems: ['ours'] },
  { axis: 'backlog', sizes: [0, 1_000, 10_000, 100_000], systems: ['queue-classic', 'queue-quorum'] },
]

/** Those that are named. undefined: a name is unknown, or there is none. */
export function axesNamed(names: readonly string[]): Axis[] | undefined {
  const found = AXES.filter(({ axis }) => names.includes(axis))
  return found.length === names.length && names.length > 0 ? found : undefined
}
