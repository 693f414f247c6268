import { gpuProfile } from '#contracts/gpu-profiles'
import { answerTokens } from '#contracts/gpu-timing'
import { capacityPerSecond, type ModelTask, predictSchedule, profiledTimes, publishTimesMs } from '#predictor'
import { type Figures, figuresOf } from './figures.ts'
import type { Arm } from './state.ts'

/** An hour of a busy service: the same prompts and GPUs with a large prefetch and with 1. Pure. */

export interface HourOptions {
  seed: number
  /** Offered work as a share of both GPUs' capacity. */
  load: number
  /** Of the first arm; the second has 1. */
  prefetchTasks: number
  hourMs: number
  /** From an answer's end to the next start on a GPU. Milliseconds of the hour; default 2. */
  gapMs?: number
  /** Two cards, as names or the text of a profile's file. Default: RTX 4090 and RX 7650 GRE. */
  gpus?: readonly string[]
}

/** What is asked, beside its times in `tasks`. */
export interface Question {
  promptTokens: number
  answerTokens: number
}

export interface Hour {
  hourMs: number
  /** Names of the cards. */
  gpus: readonly string[]
  /** One per task, in its order. */
  questions: Question[]
  tasks: ModelTask[]
  /** As given. Milliseconds of the hour. */
  gapMs: number
  prefetchTasks: [large: number, one: number]
  /** Predicted. */
  arms: [Arm, Arm]
  /** Predicted. */
  figures: [Figures, Figures]
}

export const GPUS: readonly string[] = ['rtx-4090', 'rx-7650-gre']
export const MODEL = 'deepseek-r1:8b'
/** A chat prompt with its history, as the median of the Azure trace has it. */
const PROMPT_TOKENS = 1_000
const ANSWER_TOKENS_MAX = 400
const GAP_MS = 2

export function demoHour({ seed, load, prefetchTasks, hourMs, gapMs = GAP_MS, gpus = GPUS }: HourOptions): Hour {
  const profiles = gpus.map(gpuProfile)
  // Two of one card need two names.
  const names = profiles.map(({ name }, g) => (profiles.findIndex(one => one.name === name) === g ? name : `${name} (${g + 1})`))
  const tokens = (id: string) => answerTokens(seed, id, '', ANSWER_TOKENS_MAX)
  const times = (id: string) => profiledTimes({ profiles, model: MODEL, seed }, id, PROMPT_TOKENS, tokens(id))
  const sample = Array.from({ length: 1_000 }, (_, i) => times(`sample-${i}`).serviceMs)
  const perSecond = load * capacityPerSecond(sample, gpus.length)
  const ids = Array.from({ length: Math.ceil((1.3 * perSecond * hourMs) / 1_000) + 50 }, (_, i) => `task-${i}`)
  const published = publishTimesMs({ kind: 'poisson', perSecond }, ids, seed)
  const tasks = ids
    .map((id, i): ModelTask => ({ id, publishedMs: published[i] ?? 0, ...times(id) }))
    .filter(task => task.publishedMs < hourMs)
  const questions = tasks.map(({ id }) => ({ promptTokens: PROMPT_TOKENS, answerTokens: tokens(id) }))
  const arms = [prefetchTasks, 1].map((prefetch): Arm => {
    const workers = names.map(name => ({ name, prefetchTasks: prefetch }))
    const handled = tasks.map(task => ({ ...task, serviceMs: task.serviceMs.map(ms => ms + gapMs) }))
    const schedule = predictSchedule(handled, workers)
    return {
      title: armTitle(prefetch),
      gpus: names,
      tasks: schedule.map(placement => ({
        arrivedAtMs: placement.publishedMs,
        deliveredAtMs: placement.deliveredMs,
        startedAtMs: placement.startedMs,
        endedAtMs: placement.endedMs - gapMs,
        gpu: workers.findIndex(({ name }) => name === placement.worker),
      })),
    }
  })
  const [large, one] = arms
  if (large === undefined || one === undefined) throw new Error('two arms were made')
  const figures = (arm: Arm) => figuresOf(arm, tasks, hourMs)
  return {
    hourMs,
    gpus: names,
    questions,
    tasks,
    gapMs,
    prefetchTasks: [prefetchTasks, 1],
    arms: [large, one],
    figures: [figures(large), figures(one)],
  }
}

export const armTitle = (prefetchTasks: number) => `prefetch ${prefetchTasks}`
