import type { RequestHeaders } from '#contracts/model-server'
import type { Settings } from '#contracts/settings'
import { INFERENCE_HEADERS } from '#contracts/tasks'
import type { Failure } from '../failures.ts'
import type { Asked, ModelApi, Piece } from './model-api.ts'
import { OllamaApi } from './ollama-api.ts'
import { OpenAiApi } from './openai-api.ts'
import { redacted, secretsOf } from './redact.ts'
import { failureOf } from './refusal.ts'

/** The worker's model server, whichever API it speaks. */

/** A server keeps its model at least this long (Ollama: five minutes). Milliseconds. */
const SURELY_LOADED_MS = 60_000
/** A probe has seen enough after this number of pieces. */
const PROBE_PIECES_MAX = 4
/** Most that is shown of an error's text. Characters. */
const DETAIL_MAX = 300

export interface ModelServerOptions {
  url: string
  headers: RequestHeaders
  /** Secret: hidden in what is logged. */
  apiKey?: string
  settings: Settings
}

export class ModelServer {
  readonly #options: ModelServerOptions
  readonly #api: ModelApi
  readonly #secrets: readonly string[]
  /** When it last said a word in an inference, on `performance.now()`. */
  lastHeardMs = Number.NEGATIVE_INFINITY

  constructor(options: ModelServerOptions) {
    const { url, headers, apiKey, settings } = options
    this.#options = options
    this.#api = settings.modelApi === 'openai' ? new OpenAiApi({ url, headers }) : new OllamaApi({ url, headers }, settings)
    this.#secrets = secretsOf(url, headers, apiKey)
  }

  get surelyLoaded(): boolean {
    return performance.now() - this.lastHeardMs < SURELY_LOADED_MS
  }

  /** For people: host and port, no path and no secret. */
  get host(): string {
    return new URL(this.#options.url).host
  }

  /** One inference, piece by piece; ends with its last one or with `signal`. */
  chat(asked: Asked, onPiece: (piece: Piece) => void): Promise<void> {
    return this.#api.chat(asked, this.#options.settings, onPiece)
  }

  /** Asks for one token with the settings of every task. Never throws. */
  async probe(withinMs: number, signal: AbortSignal): Promise<'answers' | Failure> {
    const late = AbortSignal.timeout(withinMs)
    const settings: Settings = { ...this.#options.settings, answerTokensMax: 1, optionsPlacement: 'options' }
    const enough = new AbortController()
    let pieces = 0
    const headers = { [INFERENCE_HEADERS.probe]: '1' }
    const ping = { prompt: 'ping', headers, signal: AbortSignal.any([signal, late, enough.signal]) }
    try {
      await this.#api.chat(ping, settings, ({ content, reasoning }) => {
        // Some servers do not know the cap.
        if (content + reasoning !== '' && ++pieces >= PROBE_PIECES_MAX) enough.abort()
      })
      return 'answers'
    } catch (error) {
      if (enough.signal.aborted) return 'answers'
      if (signal.aborted) return { code: 'stopped', detail: 'this worker stops' }
      return late.aborted ? { code: 'silent', detail: `no token within ${withinMs} ms` } : this.failure(error)
    }
  }

  /** Names a request's failure. `prompt`: servers quote it, so it is removed. */
  failure(error: unknown, prompt = ''): Failure {
    const found = failureOf(error)
    return { ...found, detail: redacted(found.detail, this.#secrets, prompt).slice(0, DETAIL_MAX) }
  }

  /** See `ModelApi`. */
  loaded(signal: AbortSignal): Promise<boolean | undefined> {
    return this.#api.loaded(signal)
  }

  /** See `ModelApi`. */
  standsApart(signal: AbortSignal): Promise<boolean> {
    return this.#api.standsApart(signal)
  }
}
