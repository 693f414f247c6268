import { createHash } from 'node:crypto'
import type { GpuProfile } from '#contracts/gpu-profiles'
import { answerTokens, countTokens, draw, type InferenceTiming, inferenceTiming } from '#contracts/gpu-timing'
import type { GpuFaults } from '#contracts/http'
import { thinks } from './models.ts'
import type { ModelRequest } from './requests.ts'

/** What the model will say and how long the GPU takes for it: pure, a matter of seed and task. */

/** A token is this many bytes, as `countTokens` counts; the text is ASCII. */
const TOKEN_BYTES = 4
/** Of the tokens of a reasoning model, a quarter goes to its reasoning, up to this. Assumed; real ones reason longer. */
const REASONING_TOKENS_MAX = 64

export type ReasoningForm = 'apart' | 'inline'

export interface Card {
  profile: GpuProfile
  seed: number
  /** Divides every time of the GPU. */
  timeScale: number
  /** Where reasoning stands unless a fault switch says otherwise. */
  reasoningForm: ReasoningForm
}

export interface Answer {
  promptTokens: number
  tokens: number
  doneReason: 'stop' | 'length'
  /** Milliseconds of the wall. */
  timing: Omit<InferenceTiming, 'serviceMs'>
  /** What tokens `from` up to `to` say. */
  between(from: number, to: number): { thinking: string; content: string }
}

/** The key of every draw: the task, or the prompt where no task is told. */
export function drawKey(task: string, prompt: string): string {
  return task === '' ? createHash('sha256').update(prompt).digest('hex').slice(0, 16) : task
}

export function planAnswer(card: Card, request: ModelRequest, task: string, faults: GpuFaults): Answer {
  const { profile, seed, timeScale } = card
  const key = drawKey(task, request.prompt)
  const promptTokens = countTokens(request.prompt)
  const wanted = answerTokens(seed, key, request.prompt, Number.MAX_SAFE_INTEGER)
  const tokens = answerTokens(seed, key, request.prompt, request.capTokens)
  const { floorMs, prefillMs, decodeMs } = inferenceTiming(profile, request.model, seed, key, promptTokens, tokens)
  const slowMs = faults.tokensPerSecond === undefined ? undefined : (1_000 * tokens) / faults.tokensPerSecond
  return {
    promptTokens,
    tokens,
    doneReason: wanted > tokens ? 'length' : 'stop',
    timing: { floorMs: floorMs / timeScale, prefillMs: prefillMs / timeScale, decodeMs: slowMs ?? decodeMs / timeScale },
    between: speech(card, request, key, tokens, wanted > tokens, faults),
  }
}

function speech(card: Card, request: ModelRequest, key: string, tokens: number, cutShort: boolean, faults: GpuFaults): Answer['between'] {
  const reasons = faults.reasoning === 'only' || (request.think !== false && thinks(request.model))
  const reasoningTokens = faults.reasoning === 'only' ? tokens : reasons ? Math.min(REASONING_TOKENS_MAX, Math.floor(tokens / 4)) : 0
  const reasoning = words(card.seed, key, 'reasoning', 'Simulated reasoning: ', reasoningTokens)
  const said = words(card.seed, key, 'answer', 'Simulated answer: ', tokens - reasoningTokens)
  // A clean end: a trailing blank would be trimmed on the way.
  const answer = cutShort || said === '' ? said : `${said.slice(0, -1)}.`
  const form = faults.reasoning === 'inline' || faults.reasoning === 'apart' ? faults.reasoning : card.reasoningForm
  if (!reasons || form === 'apart' || faults.reasoning === 'only') {
    return (from, to) => ({
      thinking: reasoning.slice(TOKEN_BYTES * from, TOKEN_BYTES * to),
      content: answer.slice(TOKEN_BYTES * Math.max(0, from - reasoningTokens), TOKEN_BYTES * Math.max(0, to - reasoningTokens)),
    })
  }
  // The marks come on top of the tokens' bytes; the closing one goes out with the first token of the answer.
  const open = '<think>\n'
  const close = '\n</think>\n\n'
  const whole = `${open}${reasoning}${close}${answer}`
  const position = (count: number) => (count === 0 ? 0 : open.length + TOKEN_BYTES * count + (count > reasoningTokens ? close.length : 0))
  return (from, to) => ({ thinking: '', content: whole.slice(position(from), position(to)) })
}

const VOCABULARY =
  'the queue holds a prompt until one worker has room and the answer goes back to who asked so that each is served in turn while nothing is lost'.split(
    ' ',
  )

/** Exactly `tokens` tokens of text: the beginning, then words by the seed; cut where the tokens end. */
function words(seed: number, key: string, purpose: string, beginning: string, tokens: number): string {
  const bytes = tokens * TOKEN_BYTES
  let state = Math.floor(draw(seed, key, purpose) * 2 ** 32)
  const pieces = [beginning]
  for (let length = beginning.length; length < bytes; ) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0 // Numerical Recipes' generator: cheap, and only the look of it matters.
    const word = VOCABULARY[(state >>> 16) % VOCABULARY.length] ?? ''
    pieces.push(word, ' ')
    length += word.length + 1
  }
  return pieces.join('').slice(0, bytes)
}
