import { countTokens } from '#contracts/gpu-timing'
import type { Settings } from '#contracts/settings'
import { INFERENCE_HEADERS, type Task } from '#contracts/tasks'
import type { Failure } from './failures.ts'
import { NotBegun } from './model-server/held-request.ts'
import type { Ending } from './model-server/model-api.ts'
import type { ModelServer } from './model-server/model-server.ts'
import { articleAnswer, ReasoningFilter } from './reasoning.ts'
import { Silence } from './silence.ts'
import type { Steps } from './steps.ts'

export type Inference =
  | { ok: true; text: string; tokens: number; promptTokens: number | undefined }
  /** Article only: the model answered, and its answer lacks the marker. */
  | { ok: false; failure: Failure }
  /** The request was dropped before the server could begin. */
  | 'not-begun'

export interface InferOptions {
  server: ModelServer
  worker: string
  attempt: number
  steps: Steps
  settings: Settings
  /** The visible text so far; `void` true when what was shown before does not stand any more. */
  onText(text: string, voided: boolean): void
  /** The server has to load the model first. */
  onLoading(): void
  /** Ends it: the worker stops, or nobody waits for the answer any more. */
  signal: AbortSignal
  /** Sends the request at once but for its last byte, which needs this to be true. */
  go?: Promise<boolean> | undefined
}

/** One streamed inference: a silence is noticed at its gap. No server failure makes it throw. */
export async function infer(task: Task, options: InferOptions): Promise<Inference> {
  const { server, worker, attempt, steps, settings, onText, signal } = options
  const late = AbortSignal.timeout(settings.inferenceDeadlineMs)
  using silence = new Silence(server, settings, options.onLoading, signal)
  const filter = new ReasoningFilter(await server.standsApart(AbortSignal.any([signal, late])))
  let [content, thought] = ['', false]
  try {
    await silence.begins()
    const headers = {
      [INFERENCE_HEADERS.task]: task.id,
      [INFERENCE_HEADERS.attempt]: String(attempt),
      [INFERENCE_HEADERS.worker]: worker,
      [INFERENCE_HEADERS.held]: steps.heldMs.toFixed(3),
    }
    steps.asked()
    let ending: Ending = { reason: '', tokens: 0, promptTokens: undefined }
    await server.chat({ prompt: task.prompt, headers, signal: AbortSignal.any([signal, late, silence.signal]), go: options.go }, piece => {
      silence.heard()
      if (piece.reasoning !== '') {
        thought = true
        filter.standsApart()
      }
      if (piece.ending !== undefined) ending = piece.ending
      // Untrusted text: U+0000 could never be saved.
      const more = piece.content.replaceAll('\0', '')
      if (more === '') return
      content += more
      filter.push(more)
      onText(filter.text, filter.voided)
    })
    if (settings.failureHandling === 'article') {
      const text = articleAnswer(content)
      return text === null ? { ok: false, failure: { code: 'empty', detail: 'no </think> marker' } } : { ok: true, text, ...ending }
    }
    const text = filter.end()
    if (text !== '') return { ok: true, text, ...ending }
    const cut = ending.reason === 'length' && (thought || content !== '')
    const detail = cut
      ? `nothing but thinking within answerTokensMax ${settings.answerTokensMax}, think ${settings.think}`
      : thought || content !== ''
        ? 'nothing but thinking'
        : 'nothing at all'
    return { ok: false, failure: { code: cut ? 'only-thinking' : 'empty', detail } }
  } catch (error) {
    if (error instanceof NotBegun) return 'not-begun'
    if (signal.aborted)
      return { ok: false, failure: { code: signal.reason === CANCELLED ? 'cancelled' : 'stopped', detail: 'ended from here' } }
    if (silence.signal.aborted) return { ok: false, failure: { code: 'silent', detail: `silent for ${silence.limitMs} ms` } }
    if (late.aborted) return { ok: false, failure: { code: 'too-slow', detail: `longer than ${settings.inferenceDeadlineMs} ms` } }
    const failure = server.failure(error, task.prompt)
    // What breaks off in the middle was there, whatever the operating system calls it.
    if (failure.code === 'unreachable' && (content !== '' || thought)) return { ok: false, failure: { ...failure, code: 'error' } }
    return { ok: false, failure }
  }
}

export const CANCELLED = 'cancelled by its asker'

/** A shorter prompt proves nothing: templates add tokens, and some text has few per byte. */
const TRUNCATED_FROM_TOKENS = 512

/** Tokens sent, if the server read far fewer: it cuts long prompts silently (ollama/ollama#17889).
 *  Some servers do not count cached ones. undefined = all read, or not reported. */
export function truncatedFrom(prompt: string, promptTokens: number | undefined): number | undefined {
  const sent = countTokens(prompt)
  return promptTokens !== undefined && sent >= TRUNCATED_FROM_TOKENS && promptTokens < sent / 2 ? sent : undefined
}
