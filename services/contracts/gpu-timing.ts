import { createHash } from 'node:crypto'
import type { GpuProfile, ModelSpeed } from './gpu-profiles.ts'
import type { ReasoningLength } from './model-profiles.ts'

/** How long a simulated GPU takes. Pure; keyed by (seed, task), so that GPU, predictor and ideal
 *  schedule draw the same whichever worker takes a task. */

/** A draw in [0, 1), the same for the same seed, task and purpose on every machine. */
export function draw(seed: number, task: string, purpose: string): number {
  const digest = createHash('sha256').update(`${seed}:${task}:${purpose}`).digest()
  return digest.readUIntBE(0, 6) / 2 ** 48
}

/** `llama3.1:8b-q4` -> 8, `smollm2:135m` -> 0.135; 8 for names without a size. */
export function modelBillions(model: string): number {
  const [, figure, unit] = /(?:^|[^\d.])(\d+(?:\.\d+)?)([bm])(?![a-z])/i.exec(model) ?? []
  if (figure === undefined) return 8
  return unit?.toLowerCase() === 'm' ? Number(figure) / 1_000 : Number(figure)
}

/** Memory of a 4-bit model with context, GiB: about 0.6 per billion parameters + 1. Estimate. */
export function modelGiB(model: string): number {
  return modelBillions(model) * 0.6 + 1
}

/** Tokens of a text. An estimate: four bytes of UTF-8 a token, as English has it. */
export function countTokens(text: string): number {
  return Math.max(1, Math.ceil(Buffer.byteLength(text) / 4))
}

const ANSWER_DIRECTIVE = /\[\[answer-tokens: (\d{1,6})\]\]/

/** The part of a prompt that sets a simulated answer's length; for a real model it is text. */
export function answerDirective(tokens: number): string {
  return `[[answer-tokens: ${tokens}]]`
}

const ANSWER_MEDIAN_TOKENS = 129

/** Answer tokens: the directive, or a log-normal draw with the trace's median 129; capped. */
export function answerTokens(seed: number, task: string, prompt: string, cap: number): number {
  const told = ANSWER_DIRECTIVE.exec(prompt)?.[1]
  const wanted = told === undefined ? ANSWER_MEDIAN_TOKENS * Math.exp(0.8 * normal(seed, task, 'length')) : Number(told)
  return Math.max(1, Math.min(cap, Math.round(wanted)))
}

/** What a model generates for a prompt, in this order. */
export interface Generation {
  /** Comes first and counts towards every cap. */
  reasoningTokens: number
  /** Reasoning and answer. */
  tokens: number
}

/** Tokens without a cap. A directive's figure includes reasoning; a drawn answer gets it on top.
 *  @param length of the reasoning; undefined = none. @param exactTokens of reasoning. */
export function generation(seed: number, task: string, prompt: string, length?: ReasoningLength, exactTokens?: number): Generation {
  const told = ANSWER_DIRECTIVE.test(prompt)
  const answer = answerTokens(seed, task, prompt, Number.MAX_SAFE_INTEGER)
  if (length === undefined && exactTokens === undefined) return { reasoningTokens: 0, tokens: answer }
  const { medianTokens, sigma } = length ?? { medianTokens: 0, sigma: 0 }
  const drawn = exactTokens ?? Math.max(1, Math.round(medianTokens * Math.exp(sigma * normal(seed, task, 'reasoning'))))
  if (!told) return { reasoningTokens: drawn, tokens: answer + drawn }
  const share = exactTokens ?? Math.floor((answer * drawn) / (drawn + ANSWER_MEDIAN_TOKENS))
  return { reasoningTokens: Math.min(share, answer), tokens: answer }
}

/** Default context by card memory: Ollama's tiers since 0.15. Tokens. */
export function defaultContextTokens({ memoryGiB }: GpuProfile): number {
  return memoryGiB >= 47 ? 262_144 : memoryGiB >= 23 ? 32_768 : 4_096
}

export interface InferenceTiming {
  /** Before prefill: scheduling, tokenising. Milliseconds at time scale 1, like all below. */
  floorMs: number
  prefillMs: number
  /** The whole answer alone on the GPU; n streams at once take n / batching[n-1] times as long. */
  decodeMs: number
  /** floor + prefill + decode. */
  serviceMs: number
}

/** Times of one inference with the GPU to itself and the model loaded. */
export function inferenceTiming(
  profile: GpuProfile,
  model: string,
  seed: number,
  task: string,
  promptTokens: number,
  tokens: number,
): InferenceTiming {
  if (profile.fixedServiceMs !== undefined) {
    return { floorMs: 0, prefillMs: 0, decodeMs: profile.fixedServiceMs, serviceMs: profile.fixedServiceMs }
  }
  const drawn = { floor: draw(seed, task, 'floor'), jitter: draw(seed, task, 'jitter') }
  return timingAt(profile.floorMs, modelSpeed(profile, model), promptTokens, tokens, drawn)
}

/** The same with draws in [0, 1) of one's own. */
export function timingAt(
  [low, high]: GpuProfile['floorMs'],
  speed: ModelSpeed,
  promptTokens: number,
  tokens: number,
  drawn: { floor: number; jitter: number },
): InferenceTiming {
  const floorMs = low + (high - low) * drawn.floor
  const prefillMs = (1_000 * promptTokens) / speed.prefillTokensPerSecond
  const jitter = 1 + 0.1 * (drawn.jitter - 0.5)
  const decodeMs = (1_000 * tokens * jitter) / speed.decodeTokensPerSecond
  return { floorMs, prefillMs, decodeMs, serviceMs: floorMs + prefillMs + decodeMs }
}

/** Time to load the model when it is cold. Milliseconds at time scale 1. */
export function coldLoadMs(profile: GpuProfile, model: string): number {
  return (1_000 * modelGiB(model)) / profile.loadGiBPerSecond
}

/** Tokens/s of a CPU layer, per billion parameters (about 30 GB/s at 4 bits). Assumed. */
const CPU_DECODE_TIMES_BILLIONS = 50

/** A model's speed, interpolated in 1/size; layers that do not fit run on the CPU. */
export function modelSpeed(profile: GpuProfile, model: string): ModelSpeed {
  const billions = modelBillions(model)
  const whole = interpolate(profile, billions)
  const needed = modelGiB(model)
  const onCpu = Math.max(0, 1 - profile.memoryGiB / needed)
  if (onCpu === 0) return whole
  const mixed = (gpu: number, cpu: number) => 1 / ((1 - onCpu) / gpu + onCpu / cpu)
  const cpuDecode = CPU_DECODE_TIMES_BILLIONS / billions
  return {
    decodeTokensPerSecond: mixed(whole.decodeTokensPerSecond, cpuDecode),
    prefillTokensPerSecond: mixed(whole.prefillTokensPerSecond, cpuDecode * 10),
  }
}

function interpolate(profile: GpuProfile, billions: number): ModelSpeed {
  const sizes = Object.keys(profile.speeds)
    .map(Number)
    .sort((a, b) => a - b)
  const exact = profile.speeds[billions]
  if (exact !== undefined) return exact
  const upper = sizes.find(size => size > billions)
  const lower = sizes.findLast(size => size < billions)
  // Beyond the ends: time is proportional to size.
  const [a, b] = lower === undefined ? [upper, upper] : upper === undefined ? [lower, lower] : [lower, upper]
  const [sa, sb] = [profile.speeds[a ?? 0], profile.speeds[b ?? 0]]
  if (a === undefined || b === undefined || sa === undefined || sb === undefined)
    throw new Error(`GPU profile ${profile.name} has no speeds`)
  if (a === b) {
    const ratio = a / billions
    return { decodeTokensPerSecond: sa.decodeTokensPerSecond * ratio, prefillTokensPerSecond: sa.prefillTokensPerSecond * ratio }
  }
  const weight = (billions - a) / (b - a)
  const between = (one: number, other: number) => 1 / ((1 - weight) / one + weight / other)
  return {
    decodeTokensPerSecond: between(sa.decodeTokensPerSecond, sb.decodeTokensPerSecond),
    prefillTokensPerSecond: between(sa.prefillTokensPerSecond, sb.prefillTokensPerSecond),
  }
}

/** Standard normal (Box-Muller) from two draws. */
export function normal(seed: number, task: string, purpose: string): number {
  const u = 1 - draw(seed, task, `${purpose}-a`)
  const v = draw(seed, task, `${purpose}-b`)
  return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v)
}
