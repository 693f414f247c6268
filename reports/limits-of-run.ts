import { gpuProfile, isGpuProfile } from '#contracts/gpu-profiles'
import { CONSUMER_TIMEOUT_MS } from '#contracts/limits'
import { FOREIGN_CPU_MAX_PERCENT } from '#evidence/noise'
import type { RunDocument } from '#evidence/run-document'
import { letterOf } from '#evidence/typed'
import { duration } from './predict/text.ts'
import { cardName, rateBoundPercent } from './words.ts'

/** What a run does not say, in sentences. Pure. */

export interface Caveat {
  what: string
  why: string
}

type Judged = Pick<RunDocument, 'arms' | 'machine'> & Partial<Pick<RunDocument, 'versions'>>

export function limitsOf({ arms, machine, versions }: Judged): Caveat[] {
  const stores = versions?.ownBroker === undefined ? 'Broker, database' : 'Database'
  const scales = [...new Set(arms.map(arm => arm.timeScale))]
  const simulated = [...new Set(arms.flatMap(arm => arm.gpus.flatMap(({ profile, url }) => (url === undefined ? [profile] : []))))]
  const noise = arms.map((arm, i) => {
    const { mean, worst } = arm.foreignCpuPercent
    return `${letterOf(i)} ${mean.toFixed(0)} % (worst second ${worst.toFixed(0)} %)${mean > FOREIGN_CPU_MAX_PERCENT ? ', too much' : ''}`
  })
  return [
    {
      what: 'One machine.',
      why: `${stores}, IM nodes, workers, GPUs and the people who ask share ${machine.cores} cores: ratios between settings, not a capacity promise.`,
    },
    ...(simulated.length > 0
      ? [{ what: 'Simulated GPUs.', why: `No figure here was measured on such a card. ${simulated.map(sourceOf).join('; ')}.` }]
      : []),
    ...scales.filter(scale => scale !== 1).map(scaleCaveat),
    ...gaps(arms),
    ...heldTooLong(arms),
    {
      what: "Others' CPU.",
      why: `While it ran, others used of the machine: ${noise.join('; ')}. Above ${FOREIGN_CPU_MAX_PERCENT} % on average, a breach of a limit in time proves nothing.`,
    },
    oneRun(),
  ]
}

function sourceOf(text: string): string {
  if (!isGpuProfile(text)) return text
  const profile = gpuProfile(text)
  return `${cardName(text)} is ${profile.confidence === 'synthetic' ? 'made up: a fixed service time' : `calibrated from figures ${profile.confidence}`}`
}

/** What a single run can show. */
export const oneRun = (): Caveat => ({
  what: 'One run.',
  why: `No violation in one run says only that, with 95 % confidence, fewer than ${rateBoundPercent(1).toFixed(0)} % of runs have one; in n runs, 1 − 0.05^(1/n): ${rateBoundPercent(20).toFixed(0)} % after 20, ${rateBoundPercent(300).toFixed(0)} % after 300.`,
})

function scaleCaveat(scale: number): Caveat {
  return {
    what: `Time scale ${scale}.`,
    why: `GPU times are divided by ${scale} and nothing else: round trips, deadlines and heartbeats are real, so the gap between two inferences weighs ${scale} times as much. A scaled run verifies the model; it does not choose a prefetch.`,
  }
}

/** Where GPUs are not sped up, RabbitMQ would not wait for that long. */
function heldTooLong(arms: RunDocument['arms']): Caveat[] {
  const told = arms.flatMap((arm, i) => {
    const heldMs = (arm.measures['heldMaxMs'] ?? 0) * arm.timeScale
    return heldMs > CONSUMER_TIMEOUT_MS ? [`${letterOf(i)} up to ${duration(heldMs)}`] : []
  })
  if (told.length === 0) return []
  return [
    {
      what: "Longer than RabbitMQ's consumer timeout.",
      why: `A worker held a task, in GPU time: ${told.join('; ')}. After ${duration(CONSUMER_TIMEOUT_MS)} by default the broker takes it back, which this run does not show: npm run scenario -- hoarded-too-long.`,
    },
  ]
}

/** The price of a gap beside the service that it interrupts. */
function gaps(arms: RunDocument['arms']): Caveat[] {
  const told = arms.flatMap((arm, i) => {
    const service = arm.facts.workers.flatMap(({ serviceMs }) => serviceMs ?? [])
    const gapMs = arm.measures['gapMeanMs']
    if (gapMs === undefined || service.length === 0) return []
    return [
      `${letterOf(i)} ${duration(gapMs)} (${((100 * gapMs) / Math.min(...service)).toFixed(0)} % of the fastest GPU's ${duration(Math.min(...service))})`,
    ]
  })
  return told.length === 0 ? [] : [{ what: 'Gap.', why: `Between two inferences while somebody waited, mean: ${told.join('; ')}.` }]
}
