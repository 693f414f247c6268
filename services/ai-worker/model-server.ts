import { type AbortableAsyncIterator, type ChatResponse, Ollama } from 'ollama'
import { apiUrl, fullModelName, type RequestHeaders } from '#contracts/model-server'
import type { Settings } from '#contracts/settings'
import { INFERENCE_HEADERS } from '#contracts/tasks'
import { checkedLines } from './checked-lines.ts'
import { type Failure, type FailureCode, retryAfterMs, sortException, sortStatus } from './failures.ts'
import { redacted, secretsOf } from './redact.ts'

/** The worker's model server: Ollama or its API. Only this file and `infer.ts` know it. */

/** A look at what the server has; it may be slow to answer while it works. Milliseconds. */
const LOOK_WITHIN_MS = 2_000
/** A probe has seen enough after this number of pieces. */
const PROBE_PIECES_MAX = 4
/** Most that is read of an error's text. Bytes. */
const ERROR_TEXT_BYTES = 4_096
/** Most that is shown of it. Characters. */
const DETAIL_MAX = 300

export interface ModelServerOptions {
  url: string
  headers: RequestHeaders
  /** Secret: hidden in what is logged. */
  apiKey?: string
  settings: Settings
}

class StatusError extends Error {
  readonly failure: Failure

  constructor(failure: Failure) {
    super(failure.detail)
    this.failure = failure
  }
}

export class ModelServer {
  readonly #options: ModelServerOptions
  readonly #secrets: readonly string[]
  /** What `/api/show` said of the model. */
  #shown: unknown
  /** When it last said a word in an inference, on `performance.now()`. */
  lastHeardMs = Number.NEGATIVE_INFINITY

  constructor(options: ModelServerOptions) {
    this.#options = options
    this.#secrets = secretsOf(options.url, options.headers, options.apiKey)
  }

  /** For people: host and port, no path and no secret. */
  get host(): string {
    return new URL(this.#options.url).host
  }

  /** Begins an inference; its stream ends with `signal`. */
  chat(prompt: string, headers: Record<string, string>, signal: AbortSignal): Promise<AbortableAsyncIterator<ChatResponse>> {
    return this.#chat(prompt, this.#options.settings, headers, signal)
  }

  /** Asks for one token with the settings of every task. Never throws. */
  async probe(withinMs: number, signal: AbortSignal): Promise<'answers' | Failure> {
    const enough = new AbortController()
    const late = AbortSignal.timeout(withinMs)
    const settings: Settings = { ...this.#options.settings, answerTokensMax: 1, optionsPlacement: 'options' }
    try {
      const stream = await this.#chat('ping', settings, { [INFERENCE_HEADERS.probe]: '1' }, AbortSignal.any([signal, late, enough.signal]))
      let pieces = 0
      // Some servers do not know the cap.
      for await (const part of stream) if (part.done || ++pieces >= PROBE_PIECES_MAX) break
      return 'answers'
    } catch (error) {
      if (signal.aborted) return { code: 'stopped', detail: 'this worker stops' }
      return late.aborted ? { code: 'silent', detail: `no token within ${withinMs} ms` } : this.failure(error)
    } finally {
      enough.abort()
    }
  }

  /** Names a request's failure. `prompt`: servers quote it, so it is removed. */
  failure(error: unknown, prompt = ''): Failure {
    const found = failureOf(error)
    return { ...found, detail: redacted(found.detail, this.#secrets, prompt).slice(0, DETAIL_MAX) }
  }

  /** Whether the model lies in the GPU's memory; undefined where the server does not say. */
  async loaded(signal: AbortSignal): Promise<boolean | undefined> {
    const listed = await this.#look('/api/ps', signal)
    const models: unknown = isRecord(listed) ? listed['models'] : undefined
    if (!Array.isArray(models)) return undefined
    const wanted = fullModelName(this.#options.settings.model)
    return models.some(model => isRecord(model) && [model['name'], model['model']].includes(wanted))
  }

  /** Whether the server keeps reasoning out of the content. A model not listed as reasoning may
   *  still reason (agentscope#1099). Asked until the server answers. */
  async standsApart(signal: AbortSignal): Promise<boolean> {
    const { model, think } = this.#options.settings
    if (think === 'unset') return false
    if (this.#shown === undefined) this.#shown = await this.#look('/api/show', signal, { model })
    const capabilities: unknown = isRecord(this.#shown) ? this.#shown['capabilities'] : undefined
    return Array.isArray(capabilities) && capabilities.includes('thinking')
  }

  #chat(prompt: string, settings: Settings, headers: Record<string, string>, signal: AbortSignal) {
    const { url } = this.#options
    // One client per request: abort() of a client ends every stream that it has.
    const client = new Ollama({
      host: url,
      headers: { ...this.#options.headers, ...headers },
      fetch: (to, init) => guardedFetch(to, init, signal),
    })
    return client.chat({
      model: settings.model,
      messages: [{ role: 'user', content: prompt }],
      stream: true,
      ...(settings.think === 'unset' ? {} : { think: thinkOf(settings.think) }),
      ...sampling(settings),
    })
  }

  /** What the server says there; null where it refuses, undefined where it does not answer. */
  async #look(path: `/${string}`, signal: AbortSignal, body?: object): Promise<unknown> {
    try {
      const response = await fetch(apiUrl(this.#options.url, path), {
        headers: { ...this.#options.headers, 'content-type': 'application/json' },
        redirect: 'error',
        signal: AbortSignal.any([signal, AbortSignal.timeout(LOOK_WITHIN_MS)]),
        ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
      })
      if (response.ok) return await response.json()
      await response.body?.cancel()
      return null
    } catch {
      return undefined
    }
  }
}

/** fetch hides the reason in `cause`. */
function failureOf(error: unknown): Failure {
  if (error instanceof StatusError) return error.failure
  if (!(error instanceof Error)) return { code: 'error', detail: 'unknown error' }
  const { cause } = error
  const code = [cause, error].map(one => (one instanceof Error && 'code' in one ? String(one.code) : '')).find(text => text !== '') ?? ''
  const hidden = cause instanceof Error ? cause.message || code : ''
  const detail = `${error.message}${hidden === '' ? '' : `: ${hidden}`}`.slice(0, ERROR_TEXT_BYTES)
  return { code: sortException(code, detail), detail }
}

async function guardedFetch(input: string | URL | Request, init: RequestInit | undefined, giveUp: AbortSignal): Promise<Response> {
  const signal = init?.signal ? AbortSignal.any([init.signal, giveUp]) : giveUp
  const response = await fetch(input, { ...init, redirect: 'error', signal })
  if (!response.ok) throw new StatusError(await statusFailure(response))
  const type = response.headers.get('content-type') ?? ''
  if (/text\/html/i.test(type)) {
    await response.body?.cancel()
    throw new StatusError({ code: 'not-a-model-server', detail: `a web page under status ${response.status}` })
  }
  if (response.body === null) return response
  return new Response(response.body.pipeThrough(checkedLines()), { status: response.status, headers: response.headers })
}

async function statusFailure(response: Response): Promise<Failure> {
  const text = await beginning(response)
  let said = text
  let isJson = false
  try {
    const body: unknown = JSON.parse(text)
    isJson = true
    const error: unknown = isRecord(body) ? body['error'] : undefined
    said = typeof error === 'string' ? error : isRecord(error) && typeof error['message'] === 'string' ? error['message'] : ''
  } catch {
    // A proxy's page, or plain text.
    if (/^\s*</.test(text)) said = ''
  }
  const code: FailureCode = sortStatus(response.status, said, isJson)
  const waitMs = retryAfterMs(response.headers.get('retry-after'), Date.now())
  const detail = `HTTP ${response.status}${said === '' ? '' : `: ${said}`}`
  return { code, detail, ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }) }
}

/** An error's text may be endless. */
async function beginning(response: Response): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  try {
    for await (const piece of response.body ?? []) {
      text += decoder.decode(piece, { stream: true })
      if (text.length >= ERROR_TEXT_BYTES) break // Leaving the loop cancels the rest.
    }
  } catch {
    // Cut off: what came is enough.
  }
  return text.slice(0, ERROR_TEXT_BYTES)
}

function thinkOf(think: Exclude<Settings['think'], 'unset'>): boolean | 'low' | 'medium' | 'high' {
  return think === 'true' || think === 'false' ? think === 'true' : think
}

/** Under `options`; or at the top level, as in the article, where Ollama drops them silently. */
function sampling({ optionsPlacement, temperature, topP, answerTokensMax, contextTokens }: Settings): object {
  const context = contextTokens === 0 ? {} : { num_ctx: contextTokens }
  return optionsPlacement === 'options'
    ? { options: { temperature, top_p: topP, num_predict: answerTokensMax, ...context } }
    : { temperature, top_p: topP, max_tokens: answerTokensMax, ...context }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
