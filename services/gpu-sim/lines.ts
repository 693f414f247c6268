import type { GpuFaults } from '#contracts/http'
import type { Endpoint } from './requests.ts'

/** How an answer is written: the JSON of an API. */

export interface Piece {
  thinking: string
  content: string
}

/** Wall milliseconds. `loadMs`: model load and overhead before prefill, as in Ollama; the rest of
 *  the total beside load, prefill and decode is the wait for a slot. */
export interface Ending {
  doneReason: 'stop' | 'length'
  totalMs: number
  loadMs: number
  prefillMs: number
  decodeMs: number
  promptTokens: number
  tokens: number
  /** Of the tokens: those of the reasoning. */
  reasoningTokens: number
}

/** What each API writes. */
export interface Lines {
  /** Content types of a stream and of an answer in one piece. */
  types: { stream: string; whole: string }
  chunk(piece: Piece): string
  /** A stream's end, or a whole answer. @param fault how it is spoilt. */
  last(piece: Piece, ending: Ending, fault?: GpuFaults['lastLine']): string
  /** Amid a stream. */
  error(text: string): string
  /** What a fault switch puts amid a stream. */
  notJson: string
  /** The body of a refusal. */
  refusal(status: number, text: string): string
}

export const JSON_TYPE = 'application/json; charset=utf-8'
const NOT_JSON = '{"model":"simulated fault: this line is not JSON'

/** Ollama's. @param model as the client wrote it */
export function ollamaLines({ endpoint, model }: { endpoint: Endpoint; model: string }): Lines {
  return {
    types: { stream: 'application/x-ndjson', whole: JSON_TYPE },
    chunk: piece => `${JSON.stringify({ ...head(endpoint, model, piece), done: false })}\n`,
    last: (piece, ending, fault) => {
      const { doneReason } = ending
      const line = JSON.stringify({
        ...head(endpoint, model, piece),
        done: fault !== 'not-done',
        done_reason: doneReason,
        ...(fault === 'no-counts' ? {} : figuresOf(ending)),
      })
      if (fault === 'missing') return ''
      return fault === 'half' ? line.slice(0, line.length / 2) : `${line}\n`
    },
    error: text => `${JSON.stringify({ error: text })}\n`,
    notJson: `${NOT_JSON}\n`,
    refusal: (_, text) => JSON.stringify({ error: text }),
  }
}

function figuresOf(ending: Ending): object {
  const figures = {
    total_duration: nanoseconds(ending.totalMs),
    load_duration: nanoseconds(ending.loadMs),
    prompt_eval_count: ending.promptTokens,
    prompt_eval_duration: nanoseconds(ending.prefillMs),
    eval_count: ending.tokens,
    eval_duration: nanoseconds(ending.decodeMs),
  }
  // As Ollama: zeros are left out.
  return Object.fromEntries(Object.entries(figures).filter(([, value]) => value !== 0))
}

/** `keep_alive` without a prompt: loaded or unloaded, no text. */
export function bare(endpoint: Endpoint, model: string, doneReason: 'load' | 'unload'): string {
  return JSON.stringify({ ...head(endpoint, model, { thinking: '', content: '' }), done: true, done_reason: doneReason })
}

function head(endpoint: Endpoint, model: string, { thinking, content }: Piece): object {
  const reasoning = thinking === '' ? {} : { thinking }
  const said = endpoint === 'chat' ? { message: { role: 'assistant', content, ...reasoning } } : { response: content, ...reasoning }
  return { model, created_at: new Date().toISOString(), ...said }
}

function nanoseconds(ms: number): number {
  return Math.round(ms * 1e6)
}
