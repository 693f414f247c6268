import { createHash } from 'node:crypto'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import type { GpuProfile } from '#contracts/gpu-profiles'
import { countTokens, defaultContextTokens, draw, generation, type InferenceTiming, inferenceTiming } from '#contracts/gpu-timing'
import type { GpuFaults } from '#contracts/http'
import { modelProfile, reasoningLength } from '#contracts/model-profiles'
import type { ModelRequest } from './requests.ts'
import type { ServerKind } from './server-kind.ts'

/** What the model will say and how long the GPU takes for it: pure, a matter of seed and task. */

/** A token is this many bytes, as `countTokens` counts; the text is ASCII. */
const TOKEN_BYTES = 4
/** A server never generates more than this many times the context. */
const CONTEXTS_MAX = 10
/** Reasoning of a model that has none of its own, where a fault switch makes it reason. */
const SWITCHED_REASONING = { medianTokens: 400, sigma: 0.7 }

export interface Card {
  profile: GpuProfile
  seed: number
  /** Divides every time of the GPU. */
  timeScale: number
  kind: ServerKind
}

export interface Answer {
  /** Tokens of the prompt that were read: fewer than were sent where it did not fit. */
  promptTokens: number
  contextTokens: number
  tokens: number
  /** Of them. */
  reasoningTokens: number
  doneReason: 'stop' | 'length'
  /** Milliseconds of the wall. */
  timing: Omit<InferenceTiming, 'serviceMs'>
  /** What tokens `from` up to `to` say. */
  between(from: number, to: number): { thinking: string; content: string }
}

/** The key of each draw: the task, or else the prompt. */
export function drawKey(task: string, prompt: string): string {
  return task === '' ? createHash('sha256').update(prompt).digest('hex').slice(0, 16) : task
}

export interface Place {
  sentTokens: number
  contextTokens: number
  /** A prompt too long; `refuse` also stops generation at the context. */
  longPrompt: 'truncate' | 'refuse'
  tooLong: boolean
}

/** Context of a request that names none. */
export function contextByDefault({ profile, kind }: Card): number {
  return kind.contextByMemory ? defaultContextTokens(profile) : 4_096
}

/** Whether the prompt fits, with room for one token of the answer. */
export function place(card: Card, request: ModelRequest, faults: GpuFaults): Place {
  const contextTokens = request.contextTokens ?? contextByDefault(card)
  const sentTokens = countTokens(request.prompt)
  const longPrompt = faults.longPrompt ?? (card.kind.refusesLongPrompts ? modelProfile(request.model).longPrompt : 'truncate')
  return { sentTokens, contextTokens, longPrompt, tooLong: sentTokens >= contextTokens }
}

export function planAnswer(card: Card, request: ModelRequest, task: string, faults: GpuFaults): Answer {
  const { profile, seed, timeScale, kind } = card
  const key = drawKey(task, request.prompt)
  const { sentTokens, contextTokens, longPrompt, tooLong } = place(card, request, faults)
  const promptTokens = tooLong ? kind.truncatedTokens(contextTokens) : sentTokens
  // The context shifts while it generates, or the answer ends with it.
  const room = longPrompt === 'truncate' ? CONTEXTS_MAX * contextTokens : Math.max(1, contextTokens - promptTokens)
  const capTokens = Math.min(request.capTokens, room)
  const switched = faults.reasoning !== undefined || faults.reasoningTokens !== undefined
  const length = reasoningLength(request.model, switched ? true : request.think) ?? (switched ? SWITCHED_REASONING : undefined)
  const wanted = generation(seed, key, request.prompt, length, faults.reasoningTokens)
  const endless = faults.reasoning === 'only' || faults.reasoning === 'unclosed'
  const tokens = Math.min(wanted.tokens, capTokens)
  const reasoningTokens = endless ? tokens : Math.min(wanted.reasoningTokens, tokens)
  const cutShort = endless || wanted.tokens > tokens
  const { floorMs, prefillMs, decodeMs } = inferenceTiming(profile, request.model, seed, key, promptTokens, tokens)
  const slowMs = faults.tokensPerSecond === undefined ? undefined : (1_000 * tokens) / faults.tokensPerSecond
  const reasoning = words(seed, key, 'reasoning', 'Simulated reasoning: ', reasoningTokens)
  const answer = words(seed, key, 'answer', 'Simulated answer: ', tokens - reasoningTokens)
  return {
    promptTokens,
    contextTokens,
    tokens,
    reasoningTokens,
    doneReason: cutShort ? 'length' : 'stop',
    timing: { floorMs: floorMs / timeScale, prefillMs: prefillMs / timeScale, decodeMs: slowMs ?? decodeMs / timeScale },
    // A clean end: a trailing blank would be trimmed on the way.
    between: speech(reasoning, cutShort || answer === '' ? answer : `${answer.slice(0, -1)}.`, length !== undefined, form(kind, faults)),
  }
}

type Form = NonNullable<GpuFaults['reasoning']>

function form({ reasoningApart }: ServerKind, { reasoning }: GpuFaults): Form {
  return reasoning ?? (reasoningApart ? 'apart' : 'inline')
}

function speech(reasoning: string, answer: string, reasons: boolean, form: Form): Answer['between'] {
  if (!reasons || form === 'apart' || form === 'only') {
    return (from, to) => ({
      thinking: reasoning.slice(TOKEN_BYTES * from, TOKEN_BYTES * to),
      content: cut(answer, from, to, reasoning.length),
    })
  }
  const whole = reasoning + answer
  const inserts = tags(form, reasoning.length / TOKEN_BYTES)
  return (from, to) => {
    let content = ''
    let at = from
    for (const insert of inserts.filter(({ token }) => token >= from && token < to)) {
      content += whole.slice(TOKEN_BYTES * at, TOKEN_BYTES * insert.token) + insert.text
      at = insert.token
    }
    return { thinking: '', content: content + whole.slice(TOKEN_BYTES * at, TOKEN_BYTES * to) }
  }
}

function cut(answer: string, from: number, to: number, before: number): string {
  return answer.slice(Math.max(0, TOKEN_BYTES * from - before), Math.max(0, TOKEN_BYTES * to - before))
}

/** Text between tokens, outside their bytes: each goes out with the token behind it. */
function tags(form: Form, reasoningTokens: number): { token: number; text: string }[] {
  const open = { token: 0, text: '<think>\n' }
  const close = { token: reasoningTokens, text: '\n</think>\n\n' }
  const third = Math.floor(reasoningTokens / 3)
  switch (form) {
    case 'no-open':
      return [close]
    case 'nested':
      return [open, { token: third, text: '<think>' }, { token: 2 * third, text: '</think>' }, close]
    case 'twice':
      return [open, { token: reasoningTokens, text: '\n</think>\n</think>\n\n' }]
    default:
      return [open, close]
  }
}

const VOCABULARY =
  'the queue holds a prompt until one worker has room and the answer goes back to who asked so that each is served in turn while nothing is lost'.split(
    ' ',
  )

/** Exactly `tokens` tokens: the beginning, then seeded words. */
function words(seed: number, key: string, purpose: string, beginning: string, tokens: number): string {
  const bytes = tokens * TOKEN_BYTES
  const generator = xoroshiro128plus(Math.floor(draw(seed, key, purpose) * 2 ** 32))
  const pieces = [beginning]
  for (let length = beginning.length; length < bytes; ) {
    const word = VOCABULARY[uniformInt(generator, 0, VOCABULARY.length - 1)] ?? ''
    pieces.push(word, ' ')
    length += word.length + 1
  }
  return pieces.join('').slice(0, bytes)
}
