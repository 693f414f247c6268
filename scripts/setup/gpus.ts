import { readFileSync } from 'node:fs'
import { Option } from 'commander'
import { GPUS_MAX, LabError, type LabPlan, withGpus, withSetting } from '#lab'
import { repeatable, unreadable } from './program.ts'

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

/** Files are read here. Throws UNKNOWN_GPU_PROFILE. */
export function askedGpus({ gpus, gpu }: GpuOptions): { gpus: string[]; gpu: string[] } {
  return {
    gpus: gpus === '' ? [] : gpus.split(',').map(text => fromFile(text.trim())),
    gpu: gpu.map(text => {
      const [, name, profile] = /^([^=]*=)(.*)$/s.exec(text) ?? []
      return name === undefined || profile === undefined ? text : `${name}${fromFile(profile)}`
    }),
  }
}

/** One's own GPUs and settings: `--set` may name their parts, `--gpu` has the last word. */
export function withAsked(plan: LabPlan, given: GpuOptions & { set: readonly string[] }): LabPlan {
  const asked = askedGpus(given)
  return withGpus(given.set.reduce(withSetting, withGpus(plan, asked)), { gpu: asked.gpu })
}

/** As `npm run calibrate` wrote it. */
function fromFile(profile: string): string {
  if (!profile.endsWith('.json')) return profile
  try {
    return JSON.stringify(JSON.parse(readFileSync(profile, 'utf8')))
  } catch (error) {
    const why = error instanceof SyntaxError ? `${profile} is not JSON: ${error.message}` : unreadable(profile, error)
    throw new LabError('UNKNOWN_GPU_PROFILE', `${why}\nMake a profile: npm run calibrate -- --ollama URL`)
  }
}
