import { apiUrl } from '#contracts/model-server'
import type { Settings } from '#contracts/settings'
import { sortException, sortStatus } from '../failures.ts'
import { NotJson } from './checked-lines.ts'
import { eventsOf } from './event-stream.ts'
import { heldReply } from './held-request.ts'
import { type Asked, type Ending, isRecord, type ModelAddress, type ModelApi, type Piece } from './model-api.ts'
import { Refusal, saidIn } from './refusal.ts'

/** OpenAI's chat API as vLLM, SGLang, llama.cpp's server, LM Studio and Ollama serve it, by
 *  node:http alone. The package `openai` (35 MB; `ollama`: 0.2) takes a stream that was cut for an
 *  answer, so that most of this file would be needed beside it. */

/** With its reason to end an answer is complete: counts come at once or never. Milliseconds. */
const COUNTS_WITHIN_MS = 1_000
/** After `[DONE]` nothing comes but the end of the reply. Milliseconds. */
const CLOSES_WITHIN_MS = 100

export class OpenAiApi implements ModelApi {
  readonly #address: ModelAddress

  constructor(address: ModelAddress) {
    this.#address = address
  }

  async chat({ prompt, headers, signal, go }: Asked, settings: Settings, onPiece: (piece: Piece) => void): Promise<void> {
    const request = {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...this.#address.headers, ...headers },
      body: JSON.stringify(requestOf(prompt, settings)),
    }
    const reply = await heldReply(apiUrl(this.#address.url, '/v1/chat/completions'), request, { signal, go })
    const ending: Ending = { reason: '', tokens: 0, promptTokens: undefined }
    let isWhole = false
    let late: NodeJS.Timeout | undefined
    /** Read to its end, or the connection could not be used again. */
    const endsWithin = (ms: number) => {
      isWhole = true
      clearTimeout(late)
      late = setTimeout(() => reply.destroy(), ms)
    }
    try {
      for await (const data of eventsOf(reply)) {
        if (data === DONE) {
          endsWithin(CLOSES_WITHIN_MS)
          continue
        }
        const chunk = chunkOf(data)
        count(chunk['usage'], ending)
        const { piece, reason } = choiceOf(chunk)
        onPiece(piece)
        // Some servers send '' where others send null (sglang#3912).
        if (reason === '') continue
        ending.reason = reason
        endsWithin(COUNTS_WITHIN_MS)
      }
    } catch (error) {
      if (!isWhole || signal.aborted) throw error
    } finally {
      clearTimeout(late)
    }
    // A cut looks like an end otherwise (vercel/ai#19165).
    if (!isWhole) throw new NotJson('the stream ended without finish_reason and [DONE]')
    onPiece({ content: '', reasoning: '', ending })
  }

  /** The API does not tell. */
  loaded(): Promise<undefined> {
    return Promise.resolve(undefined)
  }

  /** The API does not tell: seen at the first `reasoning_content`. */
  standsApart(): Promise<boolean> {
    return Promise.resolve(false)
  }
}

const DONE = '[DONE]'

/** `max_tokens`: Ollama 0.17.4 drops the newer `max_completion_tokens`. */
function requestOf(prompt: string, { model, temperature, topP, answerTokensMax, think }: Settings): object {
  return {
    model,
    messages: [{ role: 'user', content: prompt }],
    stream: true,
    stream_options: { include_usage: true },
    temperature,
    top_p: topP,
    max_tokens: answerTokensMax,
    ...thinkOf(think),
  }
}

/** Levels have a field of their own. On and off belong to the chat template: `enable_thinking` of
 *  Qwen and GLM, `thinking` of DeepSeek and Granite. It drops what it does not know. */
function thinkOf(think: Settings['think']): object {
  if (think === 'unset') return {}
  if (think !== 'true' && think !== 'false') return { reasoning_effort: think }
  return { chat_template_kwargs: { enable_thinking: think === 'true', thinking: think === 'true' } }
}

/** Throws a Refusal for an error in mid-stream, which comes under status 200. */
function chunkOf(data: string): Record<string, unknown> {
  let chunk: unknown
  try {
    chunk = JSON.parse(data)
  } catch {
    throw new NotJson(`an event of ${data.length} characters is not JSON`)
  }
  if (!isRecord(chunk)) throw new NotJson(`an event of ${data.length} characters is not an object`)
  const { error } = chunk
  if ((error === undefined || error === null) && chunk['object'] !== 'error') return chunk
  const detail = saidIn(chunk) || 'an error without a text'
  const status = Number(isRecord(error) ? error['code'] : chunk['code'])
  throw new Refusal({ code: status >= 400 && status < 600 ? sortStatus(status, detail, true) : sortException('', detail), detail })
}

/** The counts stand in a chunk of their own without choices (gradio#11729), in the last one, or in
 *  each, growing. */
function count(usage: unknown, ending: Ending): void {
  if (!isRecord(usage)) return
  const { completion_tokens: tokens, prompt_tokens: promptTokens } = usage
  if (typeof tokens === 'number') ending.tokens = tokens
  if (typeof promptTokens === 'number') ending.promptTokens = promptTokens
}

/** The first chunk may have a role alone, others no choice at all; a whole answer has `message`. */
function choiceOf({ choices }: Record<string, unknown>): { piece: Piece; reason: string } {
  const choice: unknown = Array.isArray(choices) ? choices[0] : undefined
  if (!isRecord(choice)) return { piece: { content: '', reasoning: '' }, reason: '' }
  const said = [choice['delta'], choice['message']].find(isRecord) ?? {}
  const { content, reasoning_content, reasoning } = said
  // Newer vLLM, Ollama and OpenRouter name it `reasoning`.
  return { piece: { content: text(content), reasoning: text(reasoning_content) || text(reasoning) }, reason: text(choice['finish_reason']) }
}

const text = (value: unknown) => (typeof value === 'string' ? value : '')
