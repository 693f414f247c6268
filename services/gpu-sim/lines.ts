import type { GpuFaults } from '#contracts/http'
import type { Endpoint } from './requests.ts'

/** The JSON of Ollama's answers. */

export interface Piece {
  thinking: string
  content: string
}

/** Wall milliseconds. `loadMs`: model load and overhead before prefill, as in Ollama; the rest of
 *  the total beside load, prefill and decode is the wait for a slot. */
export interface Ending {
  doneReason: string
  totalMs: number
  loadMs: number
  prefillMs: number
  decodeMs: number
  promptTokens: number
  tokens: number
}

export function chunk(endpoint: Endpoint, model: string, piece: Piece): string {
  return `${JSON.stringify({ ...head(endpoint, model, piece), done: false })}\n`
}

/** A stream's last line, or a whole answer. @param fault how it is spoilt. */
export function last(endpoint: Endpoint, model: string, piece: Piece, ending: Ending, fault?: GpuFaults['lastLine']): string {
  const figures = {
    total_duration: nanoseconds(ending.totalMs),
    load_duration: nanoseconds(ending.loadMs),
    prompt_eval_count: ending.promptTokens,
    prompt_eval_duration: nanoseconds(ending.prefillMs),
    eval_count: ending.tokens,
    eval_duration: nanoseconds(ending.decodeMs),
  }
  // As Ollama: zeros are left out.
  const present = Object.fromEntries(Object.entries(figures).filter(([, value]) => value !== 0))
  const shown = fault === 'no-counts' ? {} : present
  const line = JSON.stringify({ ...head(endpoint, model, piece), done: fault !== 'not-done', done_reason: ending.doneReason, ...shown })
  if (fault === 'missing') return ''
  return fault === 'half' ? line.slice(0, line.length / 2) : `${line}\n`
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
