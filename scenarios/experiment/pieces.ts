import { gpuProfile } from '#contracts/gpu-profiles'
import type { GpuPlan } from '../lab/plan.ts'
import type { ArmLab } from './arm-lab.ts'

/** Pieces that several scenarios are made of. */

/** Two GPUs for exact predictions: a prompt takes 100 ms on `gpu-fast` and 350 ms on `gpu-slow`,
 *  divided by `timeScale`. */
export const EXACT_GPUS: GpuPlan[] = [
  { name: 'gpu-fast', profile: 'synthetic-fast' },
  { name: 'gpu-slow', profile: 'synthetic-slow' },
]

/** The same simulated GPU with this many slots; the batching curve says what they gain. */
export function withSlots(gpu: GpuPlan, slots: number): GpuPlan {
  return { ...gpu, profile: JSON.stringify({ ...gpuProfile(gpu.profile), slots }) }
}

/** `question 0`, `question 1` … */
export function questions(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `question ${i}`)
}

/** An `endsWhen` for an arm that would go on for ever: one task was inferred this often. */
export function inferredTimes(times: number): { what: string; holds: (lab: ArmLab) => Promise<boolean> } {
  return {
    what: `one task was inferred ${times} times`,
    async holds(lab) {
      const byTask = Map.groupBy(await lab.inferences(), run => run.task)
      return Math.max(0, ...byTask.values().map(runs => runs.length)) >= times
    },
  }
}
