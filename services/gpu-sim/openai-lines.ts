import { randomUUID } from 'node:crypto'
import { type Ending, JSON_TYPE, type Lines, type Piece } from './lines.ts'

/** Answers as OpenAI's chat API writes them, with `reasoning_content` as vLLM, SGLang and
 *  llama.cpp's server have it. */

export interface OpenAiStream {
  /** As the client wrote it. */
  model: string
  stream: boolean
  /** `stream_options.include_usage`: a last chunk with the counts. */
  usage: boolean
}

export function openAiLines({ model, stream, usage }: OpenAiStream): Lines {
  const head = { id: `chatcmpl-${randomUUID()}`, created: Math.floor(Date.now() / 1_000), model }
  let began = false
  const event = (choices: object[], more: object = usage ? { usage: null } : {}) =>
    `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices, ...more })}\n\n`
  const begin = () => {
    if (began) return ''
    began = true
    return event([choice({ role: 'assistant', content: '' })])
  }
  return {
    types: { stream: 'text/event-stream; charset=utf-8', whole: JSON_TYPE },
    chunk: piece => begin() + event([choice(said(piece))]),
    last: (piece, ending, fault) => {
      const counts = fault === 'no-counts' ? undefined : usageOf(ending)
      if (!stream) {
        const message = { role: 'assistant', ...said(piece) }
        const finish_reason = fault === 'not-done' ? null : ending.doneReason
        const whole = JSON.stringify({
          ...head,
          object: 'chat.completion',
          choices: [{ index: 0, message, logprobs: null, finish_reason }],
          ...(counts === undefined ? {} : { usage: counts }),
        })
        if (fault === 'missing') return ''
        return fault === 'half' ? whole.slice(0, whole.length / 2) : whole
      }
      if (fault === 'missing' || fault === 'not-done') return begin()
      const end = begin() + event([choice({}, ending.doneReason)])
      if (fault === 'half') return end.slice(0, end.length / 2)
      return `${end}${usage && counts !== undefined ? event([], { usage: counts }) : ''}data: [DONE]\n\n`
    },
    error: text => `data: ${openAiError(500, text)}\n\n`,
    notJson: 'data: {"id":"simulated fault: this line is not JSON\n\n',
    refusal: openAiError,
  }
}

/** The body of an error. */
export function openAiError(status: number, message: string): string {
  const type = status === 404 ? 'not_found_error' : status < 500 ? 'invalid_request_error' : 'server_error'
  return JSON.stringify({ error: { message, type, param: null, code: null } })
}

function choice(delta: object, finish_reason: string | null = null): object {
  return { index: 0, delta, logprobs: null, finish_reason }
}

function said({ thinking, content }: Piece): object {
  return { content, ...(thinking === '' ? {} : { reasoning_content: thinking }) }
}

function usageOf({ promptTokens, tokens, reasoningTokens }: Ending): object {
  const details = reasoningTokens === 0 ? {} : { completion_tokens_details: { reasoning_tokens: reasoningTokens } }
  return { prompt_tokens: promptTokens, completion_tokens: tokens, total_tokens: promptTokens + tokens, ...details }
}
