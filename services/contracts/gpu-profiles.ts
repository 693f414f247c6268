import { z } from 'zod'
import { GPU_PROFILES, type GpuProfile } from './known-gpus.ts'
import { didYouMean } from './nearest.ts'

/** Profiles by name, or out of a file. */

export * from './known-gpus.ts'

const positive = z.number().positive()
/** A profile as `npm run calibrate` writes it into a file. */
const GpuProfileFile = z.strictObject({
  name: z.string().regex(/^[\w.-]{1,64}$/),
  speeds: z.record(z.string(), z.strictObject({ decodeTokensPerSecond: positive, prefillTokensPerSecond: positive })),
  floorMs: z.tuple([z.number().min(0), z.number().min(0)]),
  memoryGiB: positive,
  slots: z.int().min(1),
  batching: z.array(positive).min(1),
  loadGiBPerSecond: positive,
  fixedServiceMs: positive.optional(),
  confidence: z.enum(['measured here', 'measured by others', 'derived', 'synthetic']),
  source: z.string(),
})

function parsedProfile(text: string): GpuProfile {
  try {
    const { fixedServiceMs, ...profile } = GpuProfileFile.parse(JSON.parse(text))
    return { ...profile, ...(fixedServiceMs === undefined ? {} : { fixedServiceMs }) }
  } catch (error) {
    const why = error instanceof z.ZodError ? `${error.issues[0]?.path.join('.')}: ${error.issues[0]?.message}` : 'it is not JSON'
    throw new UnknownGpuProfile(`a GPU profile that cannot be read: ${why}`)
  }
}

export const GPU_PROFILE_EXPECTED = `expected ${Object.keys(GPU_PROFILES).join(', ')} (npm run gpus), or a profile as JSON (npm run calibrate writes one)`

/** Whether `gpuProfile` takes it. */
export function isGpuProfile(name: string): boolean {
  try {
    return gpuProfile(name) !== undefined
  } catch {
    return false
  }
}

/** A profile by its name, or the text of a profile's file. Throws with the list of known names. */
export function gpuProfile(name: string): GpuProfile {
  if (name.startsWith('{')) return parsedProfile(name)
  const profile = GPU_PROFILES[name]
  if (profile === undefined || !Object.hasOwn(GPU_PROFILES, name)) {
    const meant = didYouMean(name, Object.keys(GPU_PROFILES))
    throw new UnknownGpuProfile(
      `unknown GPU profile ${JSON.stringify(name)}.${meant}${meant === '' ? `\nKnown: ${Object.keys(GPU_PROFILES).join(', ')}` : ''}\nAll of them: npm run gpus`,
    )
  }
  return profile
}

export class UnknownGpuProfile extends Error {
  readonly code = 'UNKNOWN_GPU_PROFILE'
}
