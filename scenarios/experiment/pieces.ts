import type { GpuPlan } from '../lab/plan.ts'
import type { ArmLab } from './arm-lab.ts'

/** Pieces that several scenarios are made of. */

/** Cards with fixed service times: 100 and 350 ms at time scale 1, 3.5 : 1. */
export const EXACT_GPUS: GpuPlan[] = [
  { name: 'gpu-fast', profile: 'synthetic-fast' },
  { name: 'gpu-slow', profile: 'synthetic-slow' },
]

/** `question 0`, `question 1` … */
export function questions(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `question ${i}`)
}

/** For an arm that would go on for ever: one task was inferred so often that nobody doubts it. */
export function inferredTimes(times: number): { what: string; holds: (lab: ArmLab) => Promise<boolean> } {
  return {
    what: `one task was inferred ${times} times`,
    async holds(lab) {
      const byTask = Map.groupBy(await lab.inferences(), run => run.task)
      return Math.max(0, ...byTask.values().map(runs => runs.length)) >= times
    },
  }
}
