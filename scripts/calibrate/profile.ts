import type { GpuProfile } from '#contracts/gpu-profiles'
import type { Generation, ModelServer } from './streams.ts'

/** From what was measured to a GPU profile. Pure. */

export interface Measured {
  server: ModelServer
  /** Tokens of the model's own frame around a prompt. */
  frameTokens: number
  /** One stream, short prompts. */
  alone: readonly Generation[]
  /** One stream, long prompts. */
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
  /** How far a single answer's decode speed lay from the profile's, at most: a share of it. */
  spread: number
}

/** Throws where nothing was generated. */
export function profileOf(
  { server, frameTokens, alone, long, together, loadMs }: Measured,
  { name, at }: { name: string; at: string },
): Calibrated {
  const speeds = alone.map(run => (1_000 * run.answerTokens) / run.decodeMs)
  const decode = median(speeds)
  const { perSecond: prefill, fixedMs } = prefillOf(alone, long, frameTokens)
  // All that is neither prefill nor decode by the server's own account: what a schedule must allow for besides, wherever it is spent.
  const rest = alone.map(run => Math.max(0, run.endedMs - run.startedMs - run.prefillMs - run.decodeMs) + fixedMs)
  const batching = batchingOf(decode, together)
  return {
    questionTokens: Math.round(median(alone.map(run => run.promptTokens))) - frameTokens,
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
      source: `${server.model} on Ollama ${server.version}, measured ${at} by npm run calibrate: ${alone.length + long.length} answers alone, ${[...together.keys()].join(' and ')} together.`,
    },
  }
}

/** Prefill as a line over a prompt's own tokens: so much for each, and before them the frame, as far as the server does not keep it, with whatever else comes
 *  first. A server counts the frame with every prompt and reads it once, so that a line over all tokens would begin below zero. */
function prefillOf(short: readonly Generation[], long: readonly Generation[], frameTokens: number): { perSecond: number; fixedMs: number } {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const point = (runs: readonly Generation[]) => ({
    tokens: mean(runs.map(run => run.promptTokens - frameTokens)),
    ms: mean(runs.map(run => run.prefillMs)),
  })
  const [few, many] = [point(short), point(long)]
  const msEach = (many.ms - few.ms) / (many.tokens - few.tokens)
  const fixedMs = few.ms - msEach * few.tokens
  if (fixedMs >= 0 && msEach > 0) return { perSecond: 1_000 / msEach, fixedMs }
  return { perSecond: (1_000 * (few.tokens + many.tokens)) / (few.ms + many.ms), fixedMs: 0 }
}

/** Aggregate speed by running streams, relative to one; as many entries as streams ran at the same time. */
export function batchingOf(decode: number, together: ReadonlyMap<number, readonly Generation[]>): number[] {
  const curve = [1]
  for (const [streams, runs] of [...together].sort(([a], [b]) => a - b)) {
    if (!allAtOnce(runs)) break
    const aggregate = runs.reduce((sum, run) => sum + (1_000 * run.answerTokens) / run.decodeMs, 0) / decode
    // Between two points that were measured: a line.
    const [from, start] = [curve.length, curve.at(-1) ?? 1]
    for (let n = from + 1; n <= streams; n += 1) curve.push(round(start + ((aggregate - start) * (n - from)) / (streams - from)))
  }
  return curve
}

/** Whether each had its first token before any of them ended. */
function allAtOnce(runs: readonly Generation[]): boolean {
  return Math.max(...runs.map(run => run.firstTokenMs)) < Math.min(...runs.map(run => run.endedMs))
}

const round = (value: number) => Math.round(value * 1_000) / 1_000

export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

/** Linear between two. Throws for none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.filter(Number.isFinite).toSorted((a, b) => a - b)
  const at = share * (sorted.length - 1)
  const [low, high] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]]
  if (low === undefined || high === undefined) throw new RangeError('expected figures, got none: the model generated nothing')
  return low + (high - low) * (at - Math.floor(at))
}
