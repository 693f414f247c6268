import { modelGiB } from '#contracts/gpu-timing'
import { resolveSettings } from '#contracts/settings'
import { KEDA_DEFAULTS } from '#evidence/autoscaler'
import { speedOf } from '#predictor'
import type { Advice } from '../../scenarios/predictor/advise/advice.ts'
import { HELD_ROUND_TRIPS, type Question } from '../../scenarios/predictor/advise/question.ts'
import { NEARLY_FULL_PERCENT } from '../../scenarios/predictor/offered-load.ts'
import { askedWords } from '../autoscaler-words.ts'
import { duration } from '../predict/text.ts'
import { figure } from '../words.ts'
import { settingWords } from './words.ts'

/** What the figures rest on, and what they leave out, in sentences. Pure. */

/** What makes them doubtful. */
export function warningsOf(question: Question, { load, serviceMs, ranking }: Advice): string[] {
  const { kinds, fleet, today, model } = question
  const { consumerTimeoutMs } = resolveSettings()
  const held = today.map((prefetch, i) => {
    const kind = kinds[fleet[i]!]!
    return (prefetch * serviceMs[fleet[i]!]!) / speedOf(kind, Math.min(kind.slots, Math.max(1, prefetch)))
  })
  const heldMs = Math.max(...held)
  const spilled = kinds.filter(
    ({ work }) => 'profile' in work && work.profile.fixedServiceMs === undefined && work.profile.memoryGiB < modelGiB(model),
  )
  return [
    load.share !== undefined && load.share < 1 && 100 * load.share > NEARLY_FULL_PERCENT
      ? `WARNING: at ${(100 * load.share).toFixed(1)} % of the capacity waits hang on chance and on how long the rush lasts: plan for less.`
      : [],
    ranking !== undefined && !ranking.precise
      ? `WARNING: the interval stayed wide after ${ranking.best.outcome.batches} batches: take it as it is.`
      : [],
    ranking !== undefined && heldMs > consumerTimeoutMs
      ? `WARNING: with today's prefetch a worker can hold tasks for ${duration(heldMs)}. RabbitMQ takes them back after ${duration(consumerTimeoutMs)} by default; today's figures leave that out.`
      : [],
    ...spilled.map(({ name }) => `WARNING: ${model} does not fit into ${name}: some layers run on the CPU.`),
  ].flat()
}

/** What was assumed. */
export function assumptionsOf(question: Question, { ranking }: Pick<Advice, 'ranking'>): string[] {
  const { arrivals, link, seed } = question
  return [
    ...gpuAssumptions(question, arrivals.kind === 'trace'),
    link.rttMs > 0
      ? `A task holds its slot for ${HELD_ROUND_TRIPS} round trips more (attempt, save, confirm); no prefetch hides them.`
      : [],
    ranking === undefined
      ? []
      : `Every setting got the same questions: ${ranking.best.outcome.tasks} in ${ranking.best.outcome.batches} batches, seed ${seed}.`,
  ].flat()
}

/** What was assumed of GPUs and lengths. @param isTrace it has its own lengths */
export function gpuAssumptions({ kinds, sizes }: Pick<Question, 'kinds' | 'sizes'>, isTrace: boolean): string[] {
  const cards = kinds.flatMap(({ work }) => ('profile' in work ? work.profile : []))
  const derived = cards.filter(({ confidence }) => confidence === 'derived').map(({ name }) => name)
  return [
    cards.length > 0 ? 'Cards have the speeds that others published (npm run gpus; to measure yours: npm run calibrate).' : [],
    derived.length > 0 ? `${derived.join(', ')}: derived from another card.` : [],
    kinds.some(({ slots, batching }) => slots > 1 && batching.length > 1)
      ? 'The gain by several answers at once was published for one other card.'
      : [],
    kinds.some(({ work }) => 'meanMs' in work) ? 'Times of a task are yours.' : [],
    isTrace || !sizes.varied ? [] : 'Lengths vary as in the Azure LLM inference trace of 2023.',
  ].flat()
}

/** What the model leaves out. */
export function unknownsOf({ arrivals, sizes }: Question): string[] {
  return [
    arrivals.kind === 'poisson' ? 'rush hours (ask again with their rate, or with trace:FILE)' : [],
    arrivals.kind === 'trace' ? 'other days than the one of the trace' : [],
    sizes.varied || arrivals.kind === 'trace' ? [] : 'that lengths vary, which makes people wait longer',
    'cold loads, failures, cancelled questions, caches of prompts, limits of the context',
  ].flat()
}

/** What an autoscaler sees with the best setting and today's; nothing where they are one. */
export function scalerTexts(question: Question, { bestRow, todayRow }: Pick<Advice, 'bestRow' | 'todayRow'>): string[] {
  const rows = [...new Set([todayRow, bestRow])].filter(row => row !== undefined)
  if (rows.length === 0) return []
  const seen = rows.map(({ setting, outcome: { counts } }) => {
    const { ready, unacked } = counts
    return `${settingWords(setting, question)} shows ${figure(round(ready))} ready and ${figure(round(unacked))} unacked in the mean: ${askedWords(ready, unacked)}`
  })
  return [
    `An autoscaler sees only counts. KEDA with ${KEDA_DEFAULTS.value} messages a replica: ${seen.join('; ')}. A new worker can take only what is ready.`,
  ]
}

const round = (count: number) => Number(count.toFixed(1))
