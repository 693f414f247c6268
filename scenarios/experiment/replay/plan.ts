import { type GpuProfile, slotSpeeds } from '#contracts/gpu-profiles'
import { answerTokens, countTokens } from '#contracts/gpu-timing'
import { type ModelTask, type ModelWorker, type ProfiledWork, profiledTimes, workerPerSecond } from '#predictor'
import { longestPrompt, type TooLong } from '../../predictor/trace/long-prompts.ts'
import type { TraceRow } from '../../predictor/trace/row.ts'
import { TraceError } from '../../predictor/trace/time.ts'
import { promptText } from './prompt.ts'

export interface ReplayOptions {
  /** Prompts to send. From 1 on. */
  rows: number
  /** Every GPU of the lab, by the name under which outcomes report it. */
  gpus: readonly { name: string; profile: GpuProfile; workerSlots?: number }[]
  model: string
  seed: number
  /** Divides the GPU times and the gaps between prompts. */
  timeScale: number
  /** Longest answer, tokens. */
  answerTokensMax: number
  /** Long prompts of the rows that were read. Default: there were none. */
  tooLong?: TooLong
  /** Offered work as a share of what the GPUs can do together. Default 0.8. */
  load?: number
}

export interface PlannedPrompt {
  /** Line of the trace. */
  line: number
  text: string
  promptTokens: number
  answerTokens: number
  /** After the first prompt. Milliseconds as they pass in the replay, time scale included. */
  sendAtMs: number
}

export interface ReplayPlan {
  prompts: PlannedPrompt[]
  tooLong: TooLong
  /** Prompts per second that the GPUs can answer together, at time scale 1. */
  capacityPerSecond: number
  /** What the gaps of the trace were multiplied by, before the time scale. */
  stretch: number
  /** How to draw the service times; its profiles are in the order of `gpus`. */
  work: ProfiledWork & { timeScale: number }
  gpus: readonly string[]
  /** What each GPU's worker runs at a time, and what the GPU gains by it. */
  streams: readonly Required<Pick<ModelWorker, 'slots' | 'batching'>>[]
}

const LOAD = 0.8
const NONE: TooLong = { how: 'skip', rows: 0, promptTokensMax: longestPrompt() }

/** The first rows, gaps stretched to (prompts - 1) / (first to last) = load x capacity: the
 *  sum over GPUs of what a worker's slots gain / mean service time. Throws TraceError. */
export function planReplay(trace: readonly TraceRow[], options: ReplayOptions): ReplayPlan {
  const { rows, gpus, model, seed, timeScale, answerTokensMax, tooLong = NONE, load = LOAD } = options
  const taken = trace.slice(0, rows)
  const [first, last] = [taken[0], taken.at(-1)]
  if (taken.length < rows || first === undefined || last === undefined)
    throw new TraceError(
      `expected ${rows} rows whose prompts fit, got ${taken.length}; ${tooLong.rows} prompts are too long.\n${taken.length === 0 ? 'Take another trace' : `Type --rows ${taken.length}, or take a longer trace`}`,
    )
  const work = { profiles: gpus.map(gpu => gpu.profile), model, seed, timeScale }
  const prompts = taken.map(row => {
    const text = promptText(row.promptTokens, row.answerTokens)
    const { line } = row
    return {
      line,
      text,
      promptTokens: countTokens(text),
      answerTokens: answerTokens(seed, `line-${line}`, text, answerTokensMax),
      sendAtMs: 0,
    }
  })
  // Tasks have no ids yet: draws go by line here, by task in the run. Equal means.
  const planned = { ...work, timeScale: 1 }
  const capacity = new Capacity(gpus)
  for (const { line, promptTokens, answerTokens: tokens } of prompts)
    capacity.add(profiledTimes(planned, `line-${line}`, promptTokens, tokens).serviceMs)
  const { perSecond, streams } = capacity
  const spanMs = last.atMs - first.atMs
  if (rows > 1 && spanMs === 0)
    throw new TraceError(`expected rows at different times, got ${rows} at once (lines ${first.line} to ${last.line})`)
  const stretch = rows > 1 ? ((rows - 1) * 1_000) / (load * perSecond) / spanMs : 1
  for (const [index, prompt] of prompts.entries()) prompt.sendAtMs = ((taken[index]!.atMs - first.atMs) * stretch) / timeScale
  return {
    prompts,
    tooLong,
    capacityPerSecond: perSecond,
    stretch,
    work,
    gpus: gpus.map(gpu => gpu.name),
    streams,
  }
}

/** What GPUs can answer together, as more prompts become known. */
export class Capacity {
  readonly streams: ReplayPlan['streams']
  readonly #totalMs: number[]
  #prompts = 0

  constructor(gpus: ReplayOptions['gpus']) {
    this.streams = gpus.map(({ profile, workerSlots = 1 }) => ({
      slots: Math.min(workerSlots, profile.slots),
      batching: slotSpeeds(profile),
    }))
    this.#totalMs = gpus.map(() => 0)
  }

  /** @param serviceMs of a prompt on each GPU, alone */
  add(serviceMs: readonly number[]): void {
    this.#prompts += 1
    for (const [g, ms] of serviceMs.entries()) this.#totalMs[g]! += ms
  }

  /** Prompts a second, at the time scale of what was added. */
  get perSecond(): number {
    return this.streams.reduce(
      (sum, own, g) => sum + workerPerSecond({ name: '', prefetchTasks: 0, ...own }, this.#totalMs[g]! / this.#prompts),
      0,
    )
  }
}

/** When a planned prompt became which task. */
export interface SentPrompt {
  task: string
  /** Milliseconds on any one clock. */
  publishedMs: number
}

/** The model's tasks in the plan's order, with the service times that the GPUs draw. */
export function replayTasks(plan: ReplayPlan, sent: readonly SentPrompt[]): ModelTask[] {
  return sent.map(({ task, publishedMs }, index) => {
    const prompt = plan.prompts[index]
    if (prompt === undefined) throw new RangeError(`expected at most ${plan.prompts.length} prompts, got ${sent.length}`)
    return { id: task, publishedMs, ...profiledTimes(plan.work, task, prompt.promptTokens, prompt.answerTokens) }
  })
}
