import { Option } from 'commander'
import { GPUS_MAX, type LabPlan, withGpus, withSetting } from '#lab'
import { profileText } from './profile-file.ts'
import { repeatable } from './program.ts'

/** `--gpus` and `--gpu`, the same in every command that starts a lab. */

export interface GpuOptions {
  /** As typed; empty = the command's own GPUs. */
  gpus: string
  /** `NAME=PROFILE` each. */
  gpu: string[]
}

export const gpusOption = () =>
  new Option('--gpus <PROFILES>', `your GPUs, with commas; each gets a worker: gpu-1 with worker-1 … (at most ${GPUS_MAX})`).default(
    '',
    'its own',
  )
export const gpuOption = () =>
  new Option('--gpu <NAME=PROFILE>', 'another card for a GPU, or one more with its worker; repeatable')
    .argParser(repeatable)
    .default([], 'none')

/** Files are read here. Throws BAD_GPU_PROFILE. */
export function askedGpus({ gpus, gpu }: GpuOptions): { gpus: string[]; gpu: string[] } {
  return {
    gpus: gpus === '' ? [] : gpus.split(',').map(text => profileText(text.trim())),
    gpu: gpu.map(text => {
      const [, name, profile] = /^([^=]*=)(.*)$/s.exec(text) ?? []
      return name === undefined || profile === undefined ? text : `${name}${profileText(profile)}`
    }),
  }
}

/** One's own GPUs and settings: `--set` may name their parts, `--gpu` has the last word. */
export function withAsked(plan: LabPlan, given: GpuOptions & { set: readonly string[] }): LabPlan {
  const asked = askedGpus(given)
  return withGpus(given.set.reduce(withSetting, withGpus(plan, asked)), { gpu: asked.gpu })
}
