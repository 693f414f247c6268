import { Ollama } from 'ollama'
import { apiUrl } from '#contracts/model-server'
import type { Settings } from '#contracts/settings'
import { INFERENCE_HEADERS, type Task } from '#contracts/tasks'
import { checkedLines } from './checked-lines.ts'
import { articleAnswer, ReasoningFilter } from './reasoning.ts'
import type { Failure } from './settlement.ts'

/** The only file of the worker that knows Ollama. */

const PROBE_WITHIN_MS = 2_000

export type Inference =
  | { ok: true; text: string; tokens: number; reasoned: boolean }
  /** Article only: the model answered, and its answer lacks the marker. */
  | { ok: false; failure: Failure }

export interface InferOptions {
  url: string
  worker: string
  attempt: number
  /** When the worker got the task, on `performance.now()`. */
  takenAtMs: number
  settings: Settings
  /** The visible text so far; `void` true when what was shown before does not stand any more. */
  onText(text: string, voided: boolean): void
  signal: AbortSignal
}

/** One inference, streamed: a silence is seen at its gap and not at the end. Never throws for what a model server can do. */
export async function infer(task: Task, { url, worker, attempt, takenAtMs, settings, onText, signal }: InferOptions): Promise<Inference> {
  const stop = new AbortController()
  const giveUp = AbortSignal.any([signal, stop.signal, AbortSignal.timeout(settings.inferenceDeadlineMs)])
  let why = ''
  let gap: NodeJS.Timeout | undefined
  const heard = () => {
    clearTimeout(gap)
    gap = setTimeout(() => {
      why = `silent for ${settings.inferenceGapMs} ms`
      stop.abort()
    }, settings.inferenceGapMs)
  }
  const filter = new ReasoningFilter()
  let content = ''
  let tokens = 0
  try {
    heard()
    // One client per request: abort() of a client ends every stream that it has.
    const client = new Ollama({
      host: url,
      headers: {
        [INFERENCE_HEADERS.task]: task.id,
        [INFERENCE_HEADERS.attempt]: String(attempt),
        [INFERENCE_HEADERS.worker]: worker,
        [INFERENCE_HEADERS.held]: (performance.now() - takenAtMs).toFixed(3),
      },
      fetch: (input, init) => guardedFetch(input, init, giveUp),
    })
    const stream = await client.chat({
      model: settings.model,
      messages: [{ role: 'user', content: task.prompt }],
      stream: true,
      ...sampling(settings),
    })
    for await (const part of stream) {
      heard()
      // Untrusted text: U+0000 could never be saved.
      const piece = part.message.content.replaceAll('\0', '')
      if (part.done) tokens = part.eval_count
      if (piece === '') continue
      content += piece
      filter.push(piece)
      onText(filter.text, filter.voided)
    }
    if (settings.failureHandling === 'article') {
      const text = articleAnswer(content)
      return text === null
        ? { ok: false, failure: { kind: 'empty', detail: 'no </think> marker' } }
        : { ok: true, text, tokens, reasoned: true }
    }
    const text = filter.end()
    if (text === '') return { ok: false, failure: { kind: 'empty', detail: 'nothing but reasoning' } }
    return { ok: true, text, tokens, reasoned: text.length < content.length }
  } catch (error) {
    if (signal.aborted) return { ok: false, failure: { kind: 'stopped', detail: 'this worker stops' } }
    const detail = why !== '' ? why : giveUp.aborted ? `longer than ${settings.inferenceDeadlineMs} ms` : describe(error)
    const down = content === '' && why === '' && !giveUp.aborted && !(await modelServerAnswers(url))
    return { ok: false, failure: { kind: down ? 'server-down' : 'failed', detail } }
  } finally {
    clearTimeout(gap)
    // Ends the generation if it still runs: a GPU must not work for nobody.
    stop.abort()
  }
}

/** Whether anything answers there. */
export async function modelServerAnswers(url: string): Promise<boolean> {
  try {
    const response = await fetch(apiUrl(url, '/api/version'), { redirect: 'error', signal: AbortSignal.timeout(PROBE_WITHIN_MS) })
    await response.body?.cancel()
    return response.ok
  } catch {
    return false
  }
}

/** Under `options`, where they work; or at the top level of the request, where Ollama drops them in silence, as the article has it. */
function sampling({ optionsPlacement, temperature, topP, answerTokensMax }: Settings): object {
  return optionsPlacement === 'options'
    ? { options: { temperature, top_p: topP, num_predict: answerTokensMax } }
    : { temperature, top_p: topP, max_tokens: answerTokensMax }
}

async function guardedFetch(input: string | URL | Request, init: RequestInit | undefined, giveUp: AbortSignal): Promise<Response> {
  const signal = init?.signal ? AbortSignal.any([init.signal, giveUp]) : giveUp
  const response = await fetch(input, { ...init, redirect: 'error', signal })
  if (response.body === null || !response.ok) return response
  return new Response(response.body.pipeThrough(checkedLines()), { status: response.status, headers: response.headers })
}

/** The reason without the model's text. fetch hides it in `cause`. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error'
  const { cause } = error
  const hidden = cause instanceof Error ? ('code' in cause && typeof cause.code === 'string' ? cause.code : cause.message) : ''
  const status = 'status_code' in error ? ` (HTTP ${String(error.status_code)})` : ''
  return `${error.message}${hidden === '' ? '' : `: ${hidden}`}${status}`.slice(0, 300)
}
