import type { IncomingMessage } from 'node:http'
import { type ChatResponse, Ollama } from 'ollama'
import { apiUrl, fullModelName, type RequestHeaders } from '#contracts/model-server'
import type { Settings } from '#contracts/settings'
import { INFERENCE_HEADERS } from '#contracts/tasks'
import { type Failure, type FailureCode, retryAfterMs, sortException, sortStatus } from './failures.ts'
import { heldFetch } from './held-fetch.ts'
import { redacted, secretsOf } from './redact.ts'

/** The worker's model server: Ollama or its API. Only this file and `infer.ts` know it. */

/** A look at what the server has; it may be slow to answer while it works. Milliseconds. */
const LOOK_WITHIN_MS = 2_000
/** A server keeps its model at least this long (Ollama: five minutes). Milliseconds. */
const SURELY_LOADED_MS = 60_000
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

/** See `Held`. */
interface Asked {
  prompt: string
  headers: Record<string, string>
  signal: AbortSignal
  go?: Promise<boolean> | undefined
}

/** One piece of an answer. Servers that imitate the API omit fields. */
export type ChatPart = DeepPartial<ChatResponse>
type DeepPartial<T> = { [K in keyof T]?: T[K] extends object ? DeepPartial<T[K]> : T[K] }

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

  get surelyLoaded(): boolean {
    return performance.now() - this.lastHeardMs < SURELY_LOADED_MS
  }

  constructor(options: ModelServerOptions) {
    this.#options = options
    this.#secrets = secretsOf(options.url, options.headers, options.apiKey)
  }

  /** For people: host and port, no path and no secret. */
  get host(): string {
    return new URL(this.#options.url).host
  }

  /** One inference, piece by piece; ends with its last one or with `signal`. */
  chat(asked: Asked, onPart: (part: ChatPart) => void): Promise<void> {
    const each = (part: ChatPart) => {
      onPart(part)
      return part.done === true
    }
    return this.#chat(asked, this.#options.settings, each)
  }

  /** Asks for one token with the settings of every task. Never throws. */
  async probe(withinMs: number, signal: AbortSignal): Promise<'answers' | Failure> {
    const late = AbortSignal.timeout(withinMs)
    const settings: Settings = { ...this.#options.settings, answerTokensMax: 1, optionsPlacement: 'options' }
    try {
      const enough = new AbortController()
      let pieces = 0
      const headers = { [INFERENCE_HEADERS.probe]: '1' }
      const ping = { prompt: 'ping', headers, signal: AbortSignal.any([signal, late, enough.signal]) }
      const seen = this.#chat(ping, settings, part => {
        // Some servers do not know the cap.
        if (!part.done && ++pieces >= PROBE_PIECES_MAX) enough.abort()
        return part.done === true
      })
      await seen.catch((error: unknown) => {
        if (!enough.signal.aborted) throw error
      })
      return 'answers'
    } catch (error) {
      if (signal.aborted) return { code: 'stopped', detail: 'this worker stops' }
      return late.aborted ? { code: 'silent', detail: `no token within ${withinMs} ms` } : this.failure(error)
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

  async #chat({ prompt, headers, signal, go }: Asked, settings: Settings, onPart: (part: ChatPart) => boolean): Promise<void> {
    const { url } = this.#options
    // One client per request: abort() of a client ends every stream that it has.
    const client = new Ollama({
      host: url,
      headers: { ...this.#options.headers, ...headers },
      fetch: (to, init) => heldFetch(to, init, { signal, go, onReply: checkReply }),
    })
    const stream = await client.chat({
      model: settings.model,
      messages: [{ role: 'user', content: prompt }],
      stream: true,
      ...(settings.think === 'unset' ? {} : { think: thinkOf(settings.think) }),
      ...sampling(settings),
    })
    for await (const part of stream) if (onPart(part)) return
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
  const detail = `${error.message || code}${hidden === '' ? '' : `: ${hidden}`}`.slice(0, ERROR_TEXT_BYTES)
  return { code: sortException(code, detail), detail }
}

async function checkReply(reply: IncomingMessage): Promise<void> {
  const { statusCode: status = 0, headers } = reply
  if (status < 200 || status >= 300) throw new StatusError(await statusFailure(status, reply))
  if (/text\/html/i.test(headers['content-type'] ?? ''))
    throw new StatusError({ code: 'not-a-model-server', detail: `a web page under status ${status}` })
}

async function statusFailure(status: number, reply: IncomingMessage): Promise<Failure> {
  const text = await beginning(reply)
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
  const code: FailureCode = sortStatus(status, said, isJson)
  const waitMs = retryAfterMs(reply.headers['retry-after'] ?? null, Date.now())
  const detail = `HTTP ${status}${said === '' ? '' : `: ${said}`}`
  return { code, detail, ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }) }
}

/** An error's text may be endless. */
async function beginning(reply: IncomingMessage): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  try {
    for await (const piece of reply as AsyncIterable<Buffer>) {
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
