import { InvalidArgumentError } from 'commander'
import { BATCHING_BY_ENGINE } from '#contracts/gpu-cards'
import { type GpuProfile, gpuProfile, slotSpeeds, UnknownGpuProfile } from '#contracts/gpu-profiles'
import type { Kind } from '../../scenarios/predictor/advise/question.ts'
import { refuse, time, WORKERS_MAX } from '../predict/values.ts'
import { profileText } from '../setup/profile-file.ts'

/** `--workers`: cards, or times of a task, with slots and engine. */

export interface AskedWorkers {
  kinds: Kind[]
  /** The kind of each worker. */
  fleet: number[]
}

const SLOTS_MAX = 256
const COUNTED = /^(\d{1,3})x(.+)$/
const ENGINES = Object.keys(BATCHING_BY_ENGINE)

/** `rtx-4090,2xrx-7650-gre:slots=2,21s` */
export function workers(text: string): AskedWorkers {
  const kinds = new Map<string, Kind>()
  const fleet: number[] = []
  for (const one of text.split(',').map(part => part.trim())) {
    const [, count = '1', name = one] = COUNTED.exec(one) ?? []
    if (!kinds.has(name)) kinds.set(name, kindOf(name))
    fleet.push(...Array.from({ length: Math.min(Number(count), WORKERS_MAX + 1) }, () => [...kinds.keys()].indexOf(name)))
  }
  if (fleet.length === 0 || fleet.length > WORKERS_MAX) refuse(`1 to ${WORKERS_MAX} workers`, text)
  return { kinds: [...kinds.values()], fleet }
}

function kindOf(name: string): Kind {
  const [base = '', ...options] = name.split(':')
  const given = new Map(options.map(option => (/^\d+$/.test(option) ? ['slots', option] : split(option))))
  for (const option of given.keys())
    if (option !== 'slots' && option !== 'engine') refuse('slots=N or engine=NAME after a worker, such as rtx-4090:slots=2', name)
  const slotsText = given.get('slots')
  const slots = slotsText === undefined ? undefined : Number(slotsText)
  if (slots !== undefined && !(Number.isInteger(slots) && slots >= 1 && slots <= SLOTS_MAX)) refuse(`1 to ${SLOTS_MAX} slots`, name)
  const engine = given.get('engine')
  if (engine !== undefined && !ENGINES.includes(engine)) refuse(`one of the engines ${ENGINES.join(', ')}`, name)
  const curve = engine === undefined ? undefined : BATCHING_BY_ENGINE[engine as keyof typeof BATCHING_BY_ENGINE]
  if (/^[\d.]+(?:ms|s|m|h)$/.test(base)) {
    const meanMs = time(base)
    if (meanMs < 1) refuse('a task of 1ms or more', name)
    // Without an engine nobody knows what a GPU gains by several at once: nothing is assumed.
    return { name, slots: slots ?? 1, batching: curve ?? [1], work: { meanMs } }
  }
  const profile = profileOf(base)
  const whole = { ...profile, slots: slots ?? profile.slots, batching: curve === undefined ? profile.batching : [...curve] }
  return { name, slots: whole.slots, batching: slotSpeeds(whole), work: { profile: whole } }
}

function split(option: string): [string, string] {
  const [key = '', ...value] = option.split('=')
  return [key, value.join('=')]
}

function profileOf(name: string): GpuProfile {
  try {
    return gpuProfile(profileText(name))
  } catch (error) {
    if (error instanceof UnknownGpuProfile)
      throw new InvalidArgumentError(`${error.message}\nOr the time of a task, such as 21s, or a file of npm run calibrate.`)
    throw error
  }
}
