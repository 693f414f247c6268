import type { GpuProfile } from '#contracts/gpu-profiles'
import { modelSpeed, timingAt } from '#contracts/gpu-timing'
import { workerPerSecond } from '#predictor'
import type { TraceRow } from '../trace/row.ts'

/** What `advise` is asked about. */

/** Workers that do not differ. */
export interface Kind {
  /** As typed: `rtx-4090:slots=2`, `21s`. */
  name: string
  slots: number
  /** Total speed by streams, relative to one. */
  batching: readonly number[]
  /** A card, or the mean time of a task. Milliseconds. */
  work: { profile: GpuProfile } | { meanMs: number }
}

export type Arrivals =
  | { kind: 'poisson'; perSecond: number }
  /** All at once. */
  | { kind: 'burst'; tasks: number }
  /** @param load stretches its gaps to this share of the capacity; undefined = as they were */
  | { kind: 'trace'; rows: readonly TraceRow[]; load: number | undefined }

export interface Sizes {
  /** Means. */
  promptTokens: number
  answerTokens: number
  /** Drawn log-normal about the means; false = all alike. */
  varied: boolean
}

export interface Link {
  /** Between a worker and the broker, and the database beside it. Milliseconds. */
  rttMs: number
  /** Without the link: from the end of an inference to the next delivery. Milliseconds. */
  gapMs: number
}

export interface Question {
  kinds: readonly Kind[]
  /** The kind of each worker. */
  fleet: readonly number[]
  arrivals: Arrivals
  /** Of all but a trace, which has its own. */
  sizes: Sizes
  model: string
  link: Link
  /** A wait up to this is good. Milliseconds. */
  sloMs: number
  /** Prefetch of each worker as it is set now; 0 = unlimited. */
  today: readonly number[]
  seed: number
}

/** Before its ack a worker counts the attempt, saves and publishes: round trips of a slot. */
export const HELD_ROUND_TRIPS = 3

/** A task's time alone on a GPU. Milliseconds. */
export type ServiceTime = (promptTokens: number, answerTokens: number, drawn: { floor: number; jitter: number }) => number

/** @param meanAnswerTokens to which a worker's mean time belongs */
export function serviceTimeOf({ work }: Kind, model: string, meanAnswerTokens: number): ServiceTime {
  if ('meanMs' in work) return (_, answerTokens) => (work.meanMs * answerTokens) / meanAnswerTokens
  const { profile } = work
  const { fixedServiceMs } = profile
  if (fixedServiceMs !== undefined) return () => fixedServiceMs
  const speed = modelSpeed(profile, model)
  return (promptTokens, answerTokens, drawn) => timingAt(profile.floorMs, speed, promptTokens, answerTokens, drawn).serviceMs
}

/** Of a trace its own, else those asked for. */
export function meanTokens({ arrivals, sizes }: Pick<Question, 'arrivals' | 'sizes'>): { prompt: number; answer: number } {
  if (arrivals.kind !== 'trace') return { prompt: sizes.promptTokens, answer: sizes.answerTokens }
  const mean = (of: (row: TraceRow) => number) => arrivals.rows.reduce((sum, row) => sum + of(row), 0) / arrivals.rows.length
  return { prompt: mean(row => row.promptTokens), answer: mean(row => row.answerTokens) }
}

/** Mean time of a task on each kind, alone. Milliseconds. */
export function meanServiceMs(question: Pick<Question, 'kinds' | 'model' | 'arrivals' | 'sizes'>): number[] {
  const { prompt, answer } = meanTokens(question)
  return question.kinds.map(kind => serviceTimeOf(kind, question.model, answer)(prompt, answer, { floor: 0.5, jitter: 0.5 }))
}

/** What a fleet does at most, all slots busy, link and gap included. Tasks per second. */
export function fleetPerSecond(question: Question, fleet: readonly number[] = question.fleet): number {
  const means = meanServiceMs(question)
  const { rttMs, gapMs } = question.link
  const perKind = question.kinds.map(({ name, slots, batching }, kind) =>
    workerPerSecond({ name, prefetchTasks: slots, slots, batching }, means[kind]!, gapMs + (1 + HELD_ROUND_TRIPS) * rttMs),
  )
  return fleet.reduce((sum, kind) => sum + perKind[kind]!, 0)
}

/** Tasks per second that arrive; undefined: a burst, all are there at once. */
export function arrivingPerSecond(question: Question): number | undefined {
  const { arrivals } = question
  if (arrivals.kind === 'poisson') return arrivals.perSecond
  if (arrivals.kind === 'burst') return undefined
  if (arrivals.load !== undefined) return arrivals.load * fleetPerSecond(question)
  const { rows } = arrivals
  return (1_000 * (rows.length - 1)) / (rows.at(-1)!.atMs - rows[0]!.atMs)
}
