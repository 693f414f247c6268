import { type GpuProfile, gpuProfile, UnknownGpuProfile } from '#contracts/gpu-profiles'
import { LabError } from './errors.ts'
import { type LabPlan, partsOf } from './plan.ts'

/** One's own GPUs in a plan, as `--gpus` and `--gpu` name them: each has a worker. Pure. */

export interface GpusAsked {
  /** Profiles in place of the plan's GPUs: `gpu-1` with `worker-1`, and so on. */
  gpus?: readonly string[]
  /** `NAME=PROFILE` each: another card for the GPU of that name, or one more GPU. */
  gpu?: readonly string[]
}

/** Two processes each, beside eight others. */
export const GPUS_MAX = 16

const LIKE_THIS = 'Like this: npm run lab:up -- --gpus rtx-4090,rtx-3060 --gpu gpu-third=l4'
const PART_NAME = /^[a-z][a-z0-9-]{0,30}$/
const GPU_PREFIX = /^gpu-/
/** `rtx-4090:4` or `rtx-4090:slots=4` answers four at a time. */
const WITH_SLOTS = /^([^{:][^:]*):(?:slots=)?(\d+)$/
/** `2xrtx-3060` is two of them. */
const COUNTED = /^([1-9]\d?)x(.+)$/
const SLOTS_MAX = 256

/** Throws UNKNOWN_GPU_PROFILE, BAD_NAME. A profile is a name, NAME:SLOTS, or a file's text. */
export function withGpus(plan: LabPlan, { gpus = [], gpu = [] }: GpusAsked): LabPlan {
  let whole = gpus.length === 0 ? plan : { ...plan, gpus: [], workers: [] }
  for (const [index, profile] of gpus.flatMap(manyOf).entries()) whole = withPair(whole, `gpu-${index + 1}`, profile)
  for (const text of gpu) {
    const [, name, profile] = /^([^=]+)=(.+)$/s.exec(text) ?? []
    if (name === undefined || profile === undefined)
      throw new LabError('BAD_NAME', `--gpu: expected NAME=PROFILE, got ${JSON.stringify(text)}\n${LIKE_THIS}`)
    whole = withPair(whole, name, profile)
  }
  return whole
}

function manyOf(given: string): string[] {
  const [, count, card] = COUNTED.exec(given) ?? []
  return count === undefined || card === undefined ? [given] : Array.from({ length: Number(count) }, () => card)
}

/** Another card for a GPU that is there, else one more GPU and its worker. */
function withPair(plan: LabPlan, name: string, given: string): LabPlan {
  const profile = profileOf(given)
  if (plan.gpus.some(one => one.name === name))
    return withWorkerSlots({ ...plan, gpus: plan.gpus.map(one => (one.name === name ? { ...one, profile } : one)) }, name, given)
  const worker = `worker-${name.replace(GPU_PREFIX, '')}`
  const taken = partsOf(plan).map(part => part.name)
  if (!PART_NAME.test(name) || taken.includes(name) || taken.includes(worker))
    throw new LabError(
      'BAD_NAME',
      `--gpu: expected a name of small letters, digits and - that neither it nor its worker ${worker} shares with ${taken.join(', ')}, got ${JSON.stringify(name)}\n${LIKE_THIS}`,
    )
  if (plan.gpus.length === GPUS_MAX)
    throw new LabError('BAD_NAME', `--gpus, --gpu: expected at most ${GPUS_MAX} GPUs in a lab, got more\n${LIKE_THIS}`)
  const more = { ...plan, gpus: [...plan.gpus, { name, profile }], workers: [...plan.workers, { name: worker, gpu: name }] }
  return withWorkerSlots(more, name, given)
}

/** Named slots are the worker’s too, as in `predict`; its own `--set` has the last word. */
function withWorkerSlots(plan: LabPlan, gpu: string, given: string): LabPlan {
  const slots = WITH_SLOTS.exec(given)?.[2]
  if (slots === undefined) return plan
  const own = plan.workers.filter(worker => worker.gpu === gpu)
  const settings = own.map(({ name }) => [name, { workerSlots: Number(slots), ...plan.partSettings[name] }])
  return { ...plan, partSettings: { ...plan.partSettings, ...Object.fromEntries(settings) } }
}

function profileOf(given: string): string {
  const [, card, slots] = WITH_SLOTS.exec(given) ?? []
  try {
    if (card === undefined) gpuProfile(given)
    return card === undefined ? given : JSON.stringify(withSlots(gpuProfile(card), Number(slots)))
  } catch (error) {
    if (error instanceof UnknownGpuProfile) throw new LabError('UNKNOWN_GPU_PROFILE', `${error.message}\n${LIKE_THIS}`, { cause: error })
    throw error
  }
}

function withSlots(profile: GpuProfile, slots: number): GpuProfile {
  if (slots < 1 || slots > SLOTS_MAX)
    throw new LabError('UNKNOWN_GPU_PROFILE', `${profile.name}: expected 1 to ${SLOTS_MAX} slots, got ${slots}\n${LIKE_THIS}`)
  return { ...profile, slots }
}
