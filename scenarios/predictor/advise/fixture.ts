import { gpuProfile, slotSpeeds } from '#contracts/gpu-profiles'
import { fleetPerSecond, type Kind, type Question } from './question.ts'

/** Questions for tests. */

/** A worker by the mean time of a task. */
export const kind = (meanMs: number, slots = 1): Kind => ({
  name: `${meanMs}ms x ${slots}`,
  slots,
  batching: [1, 1.8, 2.5, 3.1].slice(0, slots),
  work: { meanMs },
})
export const card = (name: string): Kind => {
  const profile = gpuProfile(name)
  return { name, slots: profile.slots, batching: slotSpeeds(profile), work: { profile } }
}

export interface Mix {
  kinds: Kind[]
  fleet?: number[]
  load?: number
  rttMs?: number
  gapMs?: number
  varied?: boolean
}

/** With random arrivals at this load. */
export function questionOf(
  { kinds, fleet = kinds.map((_, i) => i), load = 0.8, rttMs = 0, gapMs = 5, varied = true }: Mix,
  seed = 1,
): Question {
  const question: Question = {
    kinds,
    fleet,
    arrivals: { kind: 'poisson', perSecond: 1 },
    sizes: { promptTokens: 800, answerTokens: 300, varied },
    model: 'llama3.1:8b',
    link: { rttMs, gapMs },
    sloMs: 30_000,
    today: fleet.map(() => 250),
    seed,
  }
  return { ...question, arrivals: { kind: 'poisson', perSecond: load * fleetPerSecond(question) } }
}
