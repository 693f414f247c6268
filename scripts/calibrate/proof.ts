import type { GpuProfile } from '#contracts/gpu-profiles'
import { countTokens } from '#contracts/gpu-timing'
import { eachAtItsTime, hostNowMs, type RuntimeName, startLab } from '#lab'
import { capacityPerSecond, predictSchedule, profiledTimes, publishTimesMs, taskIds } from '#predictor'
import { question } from './measure.ts'
import { quantile } from './profile.ts'
import type { ModelServer } from './streams.ts'

/** The proof that counts: prompts through the whole lab to the real model server, beside what the predictor says of its profile. */

export interface ProofOptions {
  server: ModelServer
  profile: GpuProfile
  frameTokens: number
  prompts: number
  /** Share of what the profile can do. */
  load: number
  seed: number
  runtime: RuntimeName
  signal: AbortSignal
}

export interface Compared {
  what: string
  predicted: number
  measured: number
}

const ANSWER_TOKENS = 48
/** Far beyond any backlog that the plan can build. Milliseconds. */
const ANSWERS_WITHIN_MS = 600_000
const ASKERS = 8

/** Predicted first, then measured. */
export async function prove({ server, profile, frameTokens, prompts, load, seed, runtime, signal }: ProofOptions): Promise<Compared[]> {
  const texts = Array.from({ length: prompts }, question)
  const ids = taskIds(prompts)
  const work = { profiles: [profile], model: server.model, seed, timeScale: 1 }
  const times = ids.map((id, i) =>
    profiledTimes(work, id, frameTokens + countTokens(texts[i] ?? '') - countTokens(question()), ANSWER_TOKENS),
  )
  const perSecond =
    load *
    capacityPerSecond(
      times.map(time => time.serviceMs),
      1,
    )
  const publishedMs = publishTimesMs({ kind: 'poisson', perSecond }, ids, seed)
  const tasks = ids.map((id, i) => ({ id, publishedMs: publishedMs[i] ?? 0, ...(times[i] ?? { serviceMs: [] }) }))
  const schedule = predictSchedule(tasks, [{ name: 'worker-fast', prefetchTasks: 1, batching: profile.batching }])
  const predicted = figures(
    schedule.map(placed => placed.endedMs - placed.publishedMs),
    Math.max(...schedule.map(placed => placed.endedMs)),
  )

  const settings = { seed, model: server.model, answerTokensMax: ANSWER_TOKENS, workerPrefetchTasks: 1, userTasksMax: prompts }
  const plan = {
    gpus: [{ name: 'gpu-fast', profile: profile.name, url: server.url }],
    workers: [{ name: 'worker-fast', gpu: 'gpu-fast' }],
    settings,
  }
  await using lab = await startLab(plan, { runtime, signal })
  const askers = await Promise.all(Array.from({ length: ASKERS }, (_, i) => lab.client(`asker-${i}`)))
  for (const asker of askers.slice(0, 2)) await asker.ask(question())
  const startMs = hostNowMs()
  const answers: Promise<number>[] = []
  await eachAtItsTime(
    publishedMs.map(ms => startMs + ms),
    signal,
    index => {
      const asker = askers[index % ASKERS]
      if (asker !== undefined) answers.push(answered(asker, texts[index] ?? ''))
    },
  )
  const tookMs = await Promise.all(answers)
  const measured = figures(tookMs, Math.max(...tookMs.map((ms, i) => ms + (publishedMs[i] ?? 0))))
  return predicted.map(({ what, ms }, i) => ({ what, predicted: ms, measured: measured[i]?.ms ?? Number.NaN }))
}

async function answered(asker: Awaited<ReturnType<Awaited<ReturnType<typeof startLab>>['client']>>, text: string): Promise<number> {
  const sentMs = hostNowMs()
  const outcome = await asker.ask(text, { answerWithinMs: ANSWERS_WITHIN_MS })
  if (outcome.state !== 'answered') throw new Error(`a prompt ended as ${outcome.state}`)
  return hostNowMs() - sentMs
}

function figures(tookMs: readonly number[], untilMs: number): { what: string; ms: number }[] {
  const mean = tookMs.reduce((sum, ms) => sum + ms, 0) / tookMs.length
  return [
    { what: 'mean time to the answer', ms: mean },
    { what: 'median', ms: quantile(tookMs, 0.5) },
    { what: '95th percentile', ms: quantile(tookMs, 0.95) },
    { what: 'until all were answered', ms: untilMs },
  ]
}
