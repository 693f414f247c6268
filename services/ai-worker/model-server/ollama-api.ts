import { pipeline, Readable } from 'node:stream'
import { Ollama } from 'ollama'
import { apiUrl, fullModelName } from '#contracts/model-server'
import type { Settings } from '#contracts/settings'
import { CheckedLines } from './checked-lines.ts'
import { heldReply } from './held-request.ts'
import { type Asked, isRecord, type ModelAddress, type ModelApi, type Piece } from './model-api.ts'

/** Ollama's own API, by its client library. */

/** A look at what the server has; it may be slow to answer while it works. Milliseconds. */
const LOOK_WITHIN_MS = 2_000

export class OllamaApi implements ModelApi {
  readonly #address: ModelAddress
  readonly #settings: Settings
  /** What `/api/show` said of the model. */
  #shown: unknown

  constructor(address: ModelAddress, settings: Settings) {
    this.#address = address
    this.#settings = settings
  }

  async chat({ prompt, headers, signal, go }: Asked, settings: Settings, onPiece: (piece: Piece) => void): Promise<void> {
    // One client per request: abort() of a client ends every stream that it has.
    const client = new Ollama({
      host: this.#address.url,
      headers: { ...this.#address.headers, ...headers },
      fetch: (to, init) => checkedFetch(to, init, { signal, go }),
    })
    const stream = await client.chat({
      model: settings.model,
      messages: [{ role: 'user', content: prompt }],
      stream: true,
      ...(settings.think === 'unset' ? {} : { think: thinkOf(settings.think) }),
      ...sampling(settings),
    })
    for await (const part of stream) {
      // Servers that imitate the API omit fields.
      const { message, done, done_reason, eval_count, prompt_eval_count }: DeepPartial<typeof part> = part
      const piece = { content: message?.content ?? '', reasoning: message?.thinking ?? '' }
      if (done !== true) onPiece(piece)
      else return onPiece({ ...piece, ending: { reason: done_reason ?? '', tokens: eval_count ?? 0, promptTokens: prompt_eval_count } })
    }
  }

  async loaded(signal: AbortSignal): Promise<boolean | undefined> {
    const listed = await this.#look('/api/ps', signal)
    const models: unknown = isRecord(listed) ? listed['models'] : undefined
    if (!Array.isArray(models)) return undefined
    const wanted = fullModelName(this.#settings.model)
    return models.some(model => isRecord(model) && [model['name'], model['model']].includes(wanted))
  }

  /** A model not listed as reasoning may still reason (agentscope#1099). Asked until answered. */
  async standsApart(signal: AbortSignal): Promise<boolean> {
    const { model, think } = this.#settings
    if (think === 'unset') return false
    if (this.#shown === undefined) this.#shown = await this.#look('/api/show', signal, { model })
    const capabilities: unknown = isRecord(this.#shown) ? this.#shown['capabilities'] : undefined
    return Array.isArray(capabilities) && capabilities.includes('thinking')
  }

  /** What the server says there; null where it refuses, undefined where it does not answer. */
  async #look(path: `/${string}`, signal: AbortSignal, body?: object): Promise<unknown> {
    try {
      const response = await fetch(apiUrl(this.#address.url, path), {
        headers: { ...this.#address.headers, 'content-type': 'application/json' },
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

type DeepPartial<T> = { [K in keyof T]?: T[K] extends object ? DeepPartial<T[K]> : T[K] }

/** `fetch` for the library: an answer's lines are checked first, since it skips bad ones. */
async function checkedFetch(to: string | URL | Request, init: RequestInit = {}, held: Pick<Asked, 'signal' | 'go'>): Promise<Response> {
  const headers = Object.fromEntries(new Headers(init.headers))
  const url = new URL(to instanceof Request ? to.url : to)
  const reply = await heldReply(url, { method: init.method ?? 'GET', headers, body: String(init.body ?? '') }, held)
  // An error of either ends the other and reaches the reader.
  const lines = pipeline(reply, new CheckedLines(), () => undefined)
  return new Response(Readable.toWeb(lines) as ReadableStream<Uint8Array>, { status: 200 })
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
