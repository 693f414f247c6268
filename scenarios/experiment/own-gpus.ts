import { type GpuProfile, gpuProfile } from '#contracts/gpu-profiles'
import { inferenceTiming } from '#contracts/gpu-timing'
import { resolveSettings } from '#contracts/settings'
import type { Asked } from '#evidence/asked'
import { LabError } from '../lab/errors.ts'
import { withGpus } from '../lab/gpu-pairs.ts'
import { DEFAULT_PLAN, type GpuPlan, type LabPlan } from '../lab/plan.ts'
import type { Scenario } from './definition.ts'

/** One's own GPUs in a scenario whose claim holds for any. Pure. */

/** Of the fastest GPU of an exact experiment, as `synthetic-fast` has it. Milliseconds. */
const FASTEST_MS = 100
/** The answer by which cards are compared: 129 tokens is a simulated model's usual one. */
const COMPARED = { promptTokens: 40, answerTokens: 129 }
/** Below this the slow GPU hoards too little for a control to break. Times. */
const UNEQUAL = 1.5

/** The scenario's plan with these GPUs. Throws GPUS_FIXED, UNKNOWN_GPU_PROFILE, BAD_NAME. */
export function ownGpus(scenario: Scenario, asked: Pick<Asked, 'gpus' | 'gpu'>): (parameters: object) => Partial<LabPlan> {
  const plan = (parameters: object) => (typeof scenario.plan === 'function' ? scenario.plan(parameters) : (scenario.plan ?? {}))
  const own = { ...DEFAULT_PLAN, ...plan(scenario.sizes.quick) }
  const { gpus, workers } = withGpus(own, asked)
  if (scenario.gpus === undefined)
    throw fixed(scenario, own, `${gpus.length} GPUs of the command line`, 'its script or its limits name them')
  const isExact = own.gpus.every(({ profile }) => gpuProfile(profile).fixedServiceMs !== undefined)
  const times = gpus.map(({ profile }) => answerMs(gpuProfile(profile)))
  const ratio = Math.max(...times) / Math.min(...times)
  if (scenario.gpus === 'unequal' && (gpus.length < 2 || ratio < UNEQUAL)) {
    const seen = gpus.length < 2 ? `${gpus.length} GPU` : `the slowest taking ${ratio.toFixed(2)} x as long as the fastest`
    throw fixed(scenario, own, seen, `its controls break only where GPUs differ by ${UNEQUAL} x or more`)
  }
  const exact = isExact ? gpus.map((gpu, g) => withFixedTime(gpu, (FASTEST_MS * (times[g] ?? 1)) / Math.min(...times))) : gpus
  return parameters => ({ ...plan(parameters), gpus: exact, workers })
}

function fixed({ name, gpus }: Scenario, own: LabPlan, got: string, why: string): LabError {
  const expected = gpus === 'unequal' ? 'two or more unequal GPUs' : `its own GPUs, ${own.gpus.map(gpu => gpu.name).join(' and ')}`
  return new LabError(
    'GPUS_FIXED',
    `${name}: expected ${expected}, got ${got}: ${why}\nLike this: npm run scenario -- prefetch-fairness --gpus rtx-4090,rtx-3060`,
  )
}

/** Mean time of one answer, alone on the GPU and with the model loaded. Milliseconds. */
function answerMs(profile: GpuProfile): number {
  const { model } = resolveSettings({})
  const draws = Array.from(
    { length: 100 },
    (_, i) => inferenceTiming(profile, model, 1, `${i}`, COMPARED.promptTokens, COMPARED.answerTokens).serviceMs,
  )
  return draws.reduce((sum, ms) => sum + ms, 0) / draws.length
}

/** An exact experiment needs the same time for each answer: the card's, in proportion. */
function withFixedTime(gpu: GpuPlan, ms: number): GpuPlan {
  const profile = gpuProfile(gpu.profile)
  if (profile.fixedServiceMs === ms) return gpu
  const source = `A fixed time per answer, in proportion to that of ${profile.name}. ${profile.source}`
  return { ...gpu, profile: JSON.stringify({ ...profile, fixedServiceMs: Math.round(10 * ms) / 10, confidence: 'derived', source }) }
}
