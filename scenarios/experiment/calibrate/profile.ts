import type { GpuProfile } from '#contracts/gpu-profiles'
import { mean, median, quantile } from '#evidence/statistics'
import { type Generation, LabError, type ModelAddress, type ReadyModel } from '#lab'

/** From what was measured to a GPU profile. Pure. */

/** A model server, and the model of it that is measured. */
export interface ServedModel extends ModelAddress, ReadyModel {
  version: string
}

export interface Measured {
  server: ServedModel
  /** Tokens of the model's own frame around a prompt. */
  frameTokens: number
  alone: readonly Generation[]
  long: readonly Generation[]
  /** Streams that were started together, by their number, from 2 on. */
  together: ReadonlyMap<number, readonly Generation[]>
  /** The first answer of a model that was not loaded, beyond a usual one. Milliseconds. */
  loadMs: number
}

export interface Calibrated {
  profile: GpuProfile
  /** Tokens of a short prompt without its frame. */
  questionTokens: number
  /** Of an answer to it. */
  answerTokens: number
  /** Whose clock: the server's, or ours if its durations are missing or wrong. */
  clock: Clock
  /** How far a single answer's decode speed lay from the profile's, at most: a share of it. */
  spread: number
}

export type Clock = 'server' | 'ours'

/** Times of an answer. Ours count the network as prefill. */
interface Timed {
  promptTokens: number
  answerTokens: number
  wholeMs: number
  prefillMs: number
  decodeMs: number
}

/** An answer that comes in one piece takes no time by our clock. Milliseconds. */
const DECODE_MIN_MS = 0.01

function timed({ startedMs, firstTokenMs, endedMs, promptTokens, answerTokens, reported }: Generation, clock: Clock): Timed {
  const ours = { prefillMs: firstTokenMs - startedMs, decodeMs: Math.max(DECODE_MIN_MS, endedMs - firstTokenMs) }
  return { promptTokens, answerTokens, wholeMs: endedMs - startedMs, ...(clock === 'server' && reported !== undefined ? reported : ours) }
}

/** Throws NO_MODEL_SERVER where nothing was generated. */
export function profileOf(
  { server, frameTokens, alone: answers, long: longOnes, together, loadMs }: Measured,
  { name, at, trouble }: { name: string; at: string; trouble?: string | undefined },
): Calibrated {
  if (answers.every(run => run.answerTokens === 0))
    throw new LabError('NO_MODEL_SERVER', `${server.name} on ${server.url} answered without a token.\nTake another model: --model NAME`)
  const clock: Clock = [...answers, ...longOnes].every(run => run.reported !== undefined) ? 'server' : 'ours'
  const [alone, long] = [answers, longOnes].map(runs => runs.map(run => timed(run, clock))) as [Timed[], Timed[]]
  const speeds = alone.map(run => (1_000 * run.answerTokens) / run.decodeMs)
  const decode = median(speeds)
  const { perSecond: prefill, fixedMs } = prefillOf(alone, long, frameTokens)
  // Neither prefill nor decode: what a schedule must add, wherever it is spent.
  const rest = alone.map(run => Math.max(0, run.wholeMs - run.prefillMs - run.decodeMs) + fixedMs)
  const batching = batchingOf(answers, together)
  return {
    questionTokens: Math.max(1, Math.round(median(alone.map(run => run.promptTokens))) - frameTokens),
    answerTokens: Math.max(1, Math.round(median(alone.map(run => run.answerTokens)))),
    clock,
    spread: Math.max(...speeds.map(speed => Math.abs(speed / decode - 1))),
    profile: {
      name,
      speeds: { [server.billions]: { decodeTokensPerSecond: round(decode), prefillTokensPerSecond: round(prefill) } },
      floorMs: [round(quantile(rest, 0.05)), round(quantile(rest, 0.95))],
      memoryGiB: Math.max(1, Math.ceil(server.billions * 0.6 + 1)),
      slots: batching.length,
      batching,
      loadGiBPerSecond: round((server.billions * 0.6 + 1) / Math.max(0.001, loadMs / 1_000)),
      confidence: 'measured here',
      source: `${server.name} on Ollama ${server.version}, measured ${at} by npm run calibrate: ${alone.length + long.length} answers alone, ${[...together.keys()].join(' and ')} together${clock === 'ours' ? ', timed from outside' : ''}${trouble === undefined ? '' : `; ${trouble}`}.`,
    },
  }
}

/** So fast that it counts for nothing. */
const PREFILL_UNKNOWN_PER_SECOND = 100_000

/** Prefill as a line over a prompt's own tokens, after the frame. A server counts the frame each
 *  time but reads it once, so a line over all tokens would start below zero. */
function prefillOf(short: readonly Timed[], long: readonly Timed[], frameTokens: number): { perSecond: number; fixedMs: number } {
  const point = (runs: readonly Timed[]) => ({
    tokens: mean(runs.map(run => run.promptTokens - frameTokens)),
    ms: mean(runs.map(run => run.prefillMs)),
  })
  const [few, many] = [point(short), point(long)]
  const msEach = (many.ms - few.ms) / (many.tokens - few.tokens)
  const fixedMs = few.ms - msEach * few.tokens
  if (fixedMs >= 0 && msEach > 0) return { perSecond: 1_000 / msEach, fixedMs }
  // No or constant prompt counts: reading is each answer's overhead.
  if (many.tokens <= few.tokens) return { perSecond: PREFILL_UNKNOWN_PER_SECOND, fixedMs: few.ms }
  return { perSecond: (1_000 * (few.tokens + many.tokens)) / (few.ms + many.ms), fixedMs: 0 }
}

/** Total speed by running streams, relative to one. Of whole answers: while one is read, the others
 *  wait, so decode times alone count that twice. */
export function batchingOf(alone: readonly Generation[], together: ReadonlyMap<number, readonly Generation[]>): number[] {
  const one = median(alone.map(tokensPerMs))
  const curve = [1]
  for (const [streams, runs] of [...together].sort(([a], [b]) => a - b)) {
    if (!allAtOnce(runs)) break
    const aggregate = runs.reduce((sum, run) => sum + tokensPerMs(run), 0) / one
    // Between two points that were measured: a line.
    const [from, start] = [curve.length, curve.at(-1) ?? 1]
    for (let n = from + 1; n <= streams; n += 1) curve.push(round(start + ((aggregate - start) * (n - from)) / (streams - from)))
  }
  return curve
}

const tokensPerMs = ({ answerTokens, startedMs, endedMs }: Generation) => answerTokens / (endedMs - startedMs)

/** Whether each had its first token before any of them ended. */
function allAtOnce(runs: readonly Generation[]): boolean {
  return Math.max(...runs.map(run => run.firstTokenMs)) < Math.min(...runs.map(run => run.endedMs))
}

const round = (value: number) => Math.round(value * 1_000) / 1_000
