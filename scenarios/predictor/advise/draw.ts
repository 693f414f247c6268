import { type Draws, draws } from '../random.ts'
import { meanTokens, type Question, serviceTimeOf } from './question.ts'

/** Tasks without a place in time or a fleet: every setting, load and fleet gets the same ones. */
export interface Drawn {
  /** When each comes, in mean gaps; of a burst 0. */
  at: Float64Array
  /** By kind: a task's time alone on its GPU. Milliseconds. */
  serviceMs: Float64Array[]
}

/** What decides how long tasks take. */
export type Work = Pick<Question, 'kinds' | 'model' | 'arrivals' | 'sizes' | 'seed'>

/** Deviations of the logarithms of 19,366 prompts and answers (Azure LLM inference trace 2023). */
const SIGMA = { prompt: 0.99, answer: 0.86 }

/** Random arrivals. @param replication each its own draws */
export function drawnTasks(question: Work, count: number, replication: number): Drawn {
  const random = drawsOf(question.seed, replication)
  const isBurst = question.arrivals.kind === 'burst'
  const lengths = lengthsOf(question.sizes, random)
  let now = 0
  return filled(question, count, random, () => {
    if (!isBurst) now -= Math.log(1 - random.uniform())
    return { at: now, ...lengths() }
  })
}

/** Lengths alone, for a trace that somebody makes. */
export function drawnLengths({ sizes, seed }: Pick<Work, 'sizes' | 'seed'>, count: number): { prompt: number; answer: number }[] {
  return Array.from({ length: count }, lengthsOf(sizes, drawsOf(seed, 0)))
}

function lengthsOf({ promptTokens, answerTokens, varied }: Work['sizes'], random: Draws) {
  const around = (mean: number, sigma: number) =>
    varied ? Math.max(1, Math.round(mean * Math.exp(sigma * random.normal() - sigma ** 2 / 2))) : mean
  return () => ({ prompt: around(promptTokens, SIGMA.prompt), answer: around(answerTokens, SIGMA.answer) })
}

/** A trace's own times and sizes. */
export function tracedTasks(question: Work): Drawn {
  const { arrivals } = question
  if (arrivals.kind !== 'trace') throw new Error('expected a trace')
  const { rows } = arrivals
  const [firstMs, spanMs] = [rows[0]!.atMs, rows.at(-1)!.atMs - rows[0]!.atMs]
  return filled(question, rows.length, drawsOf(question.seed, 0), i => {
    const { atMs, promptTokens, answerTokens } = rows[i]!
    return { at: ((atMs - firstMs) * (rows.length - 1)) / spanMs, prompt: promptTokens, answer: Math.max(1, answerTokens) }
  })
}

/** Seeds far apart: neighbours share no replication. */
const drawsOf = (seed: number, replication: number) => draws((Math.imul(seed, 0x9e3779b1) ^ (replication * 1_000_003)) | 0)

function filled(
  question: Work,
  count: number,
  random: Draws,
  task: (index: number) => { at: number; prompt: number; answer: number },
): Drawn {
  const { answer: meanAnswer } = meanTokens(question)
  const times = question.kinds.map(kind => serviceTimeOf(kind, question.model, meanAnswer))
  const drawn: Drawn = { at: new Float64Array(count), serviceMs: times.map(() => new Float64Array(count)) }
  for (let i = 0; i < count; i++) {
    const { at, prompt, answer } = task(i)
    const own = { floor: random.uniform(), jitter: random.uniform() }
    drawn.at[i] = at
    for (const [kind, time] of times.entries()) drawn.serviceMs[kind]![i] = time(prompt, answer, own)
  }
  return drawn
}
