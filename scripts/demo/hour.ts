import { gpuProfile } from '#contracts/gpu-profiles'
import { answerTokens } from '#contracts/gpu-timing'
import { capacityPerSecond, type Figures, type ModelTask, predict, profiledTimes, publishTimesMs } from '#predictor'
import type { Arm } from './state.ts'

/** An hour of a busy service, out of the predictor: the same prompts on the same two GPUs, with a large prefetch and with 1. Pure. */

export interface HourOptions {
  seed: number
  /** Offered work as a share of both GPUs' capacity. */
  load: number
  /** Of the first arm; the second has 1. */
  prefetchTasks: number
  hourMs: number
}

export interface Hour {
  arms: [Arm, Arm]
  figures: [Figures, Figures]
  /** Index of the task whose asker is followed. */
  hero: number
}

const GPUS = ['rtx-4090', 'rx-7650-gre'] as const
const MODEL = 'deepseek-r1:8b'
/** A chat prompt with its history, as the median of the Azure trace has it. */
const PROMPT_TOKENS = 1_000
const ANSWER_TOKENS_MAX = 400
/** Worker -> broker -> worker on one host. Milliseconds. */
const HAND_OVER_MS = 2
const NAMES = [
  'Ann',
  'Bea',
  'Chloe',
  'Dana',
  'Eve',
  'Fay',
  'Gina',
  'Hana',
  'Iris',
  'Jane',
  'Kim',
  'Lena',
  'Mia',
  'Nora',
  'Olga',
  'Pia',
  'Rosa',
  'Sara',
  'Tess',
  'Uma',
]

export function demoHour({ seed, load, prefetchTasks, hourMs }: HourOptions): Hour {
  const profiles = GPUS.map(gpuProfile)
  const times = (id: string) =>
    profiledTimes({ profiles, model: MODEL, seed }, id, PROMPT_TOKENS, answerTokens(seed, id, '', ANSWER_TOKENS_MAX))
  const sample = Array.from({ length: 1_000 }, (_, i) => times(`sample-${i}`).serviceMs)
  const perSecond = load * capacityPerSecond(sample, GPUS.length)
  const ids = Array.from({ length: Math.ceil((1.3 * perSecond * hourMs) / 1_000) }, (_, i) => `task-${i}`)
  const published = publishTimesMs({ kind: 'poisson', perSecond }, ids, seed)
  const tasks = ids
    .map((id, i): ModelTask => ({ id, publishedMs: published[i] ?? 0, ...times(id) }))
    .filter(task => task.publishedMs < hourMs)
  const runs = [prefetchTasks, 1].map(prefetch => {
    const workers = GPUS.map(name => ({ name, prefetchTasks: prefetch }))
    const { figures, schedule } = predict(tasks, workers, { handOverMs: HAND_OVER_MS })
    const arm: Arm = {
      title: `prefetch ${prefetch}`,
      gpus: GPUS,
      tasks: schedule.map((placement, i) => ({
        user: NAMES[i % NAMES.length] ?? '',
        arrivedAtMs: placement.publishedMs,
        deliveredAtMs: placement.deliveredMs,
        startedAtMs: placement.startedMs,
        endedAtMs: placement.endedMs,
        gpu: GPUS.indexOf(placement.worker as (typeof GPUS)[number]),
      })),
    }
    return { arm, figures }
  })
  const [large, one] = runs
  if (large === undefined || one === undefined) throw new Error('two arms were made')
  return { arms: [large.arm, one.arm], figures: [large.figures, one.figures], hero: heroOf(large.arm, hourMs) }
}

/** Whoever waits longest of those who are answered within the hour and asked early enough to be watched: a fair pick would show nothing. */
function heroOf(arm: Arm, hourMs: number): number {
  let [hero, longestMs] = [0, -1]
  for (const [index, { arrivedAtMs, startedAtMs = Number.POSITIVE_INFINITY }] of arm.tasks.entries()) {
    const waitMs = startedAtMs - arrivedAtMs
    if (arrivedAtMs < 0.15 * hourMs || startedAtMs > 0.97 * hourMs || waitMs <= longestMs) continue
    ;[hero, longestMs] = [index, waitMs]
  }
  return hero
}

/** The three lines at the end. */
export function lastLines({ figures: [large, one], arms: [first] }: Hour, spoken: (ms: number) => string): [string, string, string] {
  const stranded = (figures: Figures) => `${(figures.strandedPercent.hoarding + figures.strandedPercent.roundTrip).toFixed(0)} %`
  return [
    `p95 wait until the answer starts: ${spoken(large.waitMs.p95)} with ${first.title}, ${spoken(one.waitMs.p95)} with prefetch 1 (ideal ${spoken(one.idealWaitMs.p95)})`,
    `stranded capacity: ${stranded(large)} of both GPUs idle while people waited, ${stranded(one)} with prefetch 1`,
    'the fix, one line: await channel.prefetch(1)',
  ]
}
