import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { apiUrl } from '#contracts/model-server'
import { INFERENCE_HEADERS } from '#contracts/tasks'
import type { HistoryEvent } from '#evidence/history'
import { hostNowMs } from '../clock.ts'
import type { ModelAddress } from './address.ts'
import { ServerLoad } from './server-load.ts'

/** Real servers keep no log: this proxy notes what was asked and answered, and when. */

type Reported = Extract<HistoryEvent, { kind: 'reported' }>
/** As on the host's clock; the recorder knows an arm's. */
export type TappedAnswer = Omit<Reported, 'atMs' | 'kind' | 'gpu'> & { receivedAtMs: number }

/** One line of Ollama's stream, as far as we look. https://docs.ollama.com/api/chat */
interface Line {
  done?: boolean
  error?: string
  message?: { content?: string; thinking?: string }
  prompt_eval_count?: number
  eval_count?: number
  total_duration?: number
  load_duration?: number
  prompt_eval_duration?: number
  eval_duration?: number
}

/** All that a worker asks. Other containers that reach the tap cannot load or remove models. */
const PASSED = new Set(['POST /api/chat', 'POST /api/show', 'GET /api/version', 'GET /api/tags', 'GET /api/ps'])
/** Of an answer, besides its text. */
const ANSWER_HEADERS = ['content-type', 'retry-after']

export class ModelTap implements AsyncDisposable {
  readonly #server: Server
  readonly #target: ModelAddress
  /** Of the model server, which works for the lab. */
  readonly load: ServerLoad
  #answers: TappedAnswer[] = []

  private constructor(target: ModelAddress, load: ServerLoad) {
    this.#target = target
    this.load = load
    this.#server = createServer((request, response) => {
      this.#pass(request, response).catch(() => response.destroy())
    })
  }

  /** @param target its headers are added here only @param host where workers reach this machine */
  static async open(target: ModelAddress, host = '127.0.0.1'): Promise<ModelTap> {
    const tap = new ModelTap(target, await ServerLoad.of(target.url))
    await new Promise<void>((resolve, reject) => {
      tap.#server.once('error', reject)
      tap.#server.listen(0, host, () => resolve())
    })
    return tap
  }

  /** What workers are given for the model server's. */
  get url(): string {
    const { address, port } = this.#server.address() as AddressInfo
    return `http://${address}:${port}`
  }

  /** What was answered since the last call. */
  take(): TappedAnswer[] {
    return this.#answers.splice(0)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise<void>(resolve => this.#server.close(() => resolve()))
  }

  async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const receivedAtMs = hostNowMs()
    const path = `/${(request.url ?? '').replace(/^\/+/, '')}` as const
    if (!PASSED.has(`${request.method} ${path}`)) return refuse(response)
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    const headers = { ...this.#target.headers, 'content-type': request.headers['content-type'] ?? 'application/json' }
    const hasBody = request.method !== 'GET' && request.method !== 'HEAD'
    const init = {
      method: request.method ?? 'GET',
      headers,
      redirect: 'manual' as const,
      signal: gone.signal,
      ...(hasBody ? { body } : {}),
    }
    const answer = await fetch(apiUrl(this.#target.url, path), init)
    const known = ANSWER_HEADERS.flatMap(name => {
      const value = answer.headers.get(name)
      return value === null ? [] : [[name, value] as const]
    })
    response.writeHead(answer.status, Object.fromEntries(known))
    const task = request.headers[INFERENCE_HEADERS.task]
    const watch = typeof task === 'string' ? new Watch(request, receivedAtMs, capOf(body)) : undefined
    try {
      for await (const chunk of answer.body ?? []) {
        watch?.push(chunk)
        if (!response.write(chunk)) await new Promise(resolve => response.once('drain', resolve).once('close', resolve))
      }
      response.end()
    } finally {
      if (watch !== undefined) this.#answers.push(watch.end(answer.ok))
    }
  }
}

function refuse(response: ServerResponse): void {
  response
    .writeHead(403, { 'content-type': 'application/json' })
    .end(JSON.stringify({ error: `only ${[...PASSED].join(' and ')} pass here` }))
}

/** The cap that the server reads: at the top level of a request it reads none. null = no cap. */
function capOf(body: Buffer): number | null {
  const asked = parsed(body.toString('utf8')) as { options?: { num_predict?: unknown } } | undefined
  const cap = asked?.options?.num_predict
  return typeof cap === 'number' ? cap : null
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What one answer was. */
class Watch {
  readonly #request: IncomingMessage
  readonly #receivedAtMs: number
  readonly #capTokens: number | null
  readonly #decoder = new TextDecoder()
  #rest = ''
  #chunks = 0
  #text = ''
  #reasoning = ''
  #pieces = 0
  #contentAtMs: number | undefined
  #last: Line | undefined

  constructor(request: IncomingMessage, receivedAtMs: number, capTokens: number | null) {
    this.#capTokens = capTokens
    this.#request = request
    this.#receivedAtMs = receivedAtMs
  }

  push(chunk: Uint8Array): void {
    const lines = (this.#rest + this.#decoder.decode(chunk, { stream: true })).split('\n')
    this.#rest = lines.pop() ?? ''
    for (const text of lines) {
      if (text === '') continue
      // What is not JSON is the worker's to judge.
      const line = parsed(text) as Line | null | undefined
      if (typeof line !== 'object' || line === null) continue
      this.#chunks += 1
      const { content = '', thinking = '' } = line.message ?? {}
      if (content !== '' || thinking !== '') this.#pieces += 1
      if (content !== '') this.#contentAtMs ??= hostNowMs()
      this.#text += content
      this.#reasoning += thinking
      if (line.done === true) this.#last = line
    }
  }

  end(ok: boolean): TappedAnswer {
    const {
      [INFERENCE_HEADERS.task]: task,
      [INFERENCE_HEADERS.attempt]: attempt,
      [INFERENCE_HEADERS.worker]: worker,
    } = this.#request.headers
    const ms = (ns: number | undefined) => (ns ?? 0) / 1e6
    const last = this.#last
    const endedAtMs = hostNowMs()
    return {
      receivedAtMs: this.#receivedAtMs,
      task: String(task),
      attempt: Number(attempt ?? 0),
      worker: String(worker ?? ''),
      outcome: last === undefined ? (ok ? 'cut' : 'failed') : 'done',
      tookMs: endedAtMs - this.#receivedAtMs,
      contentMs: endedAtMs - (this.#contentAtMs ?? endedAtMs),
      capTokens: this.#capTokens,
      chunks: this.#chunks,
      text: this.#text,
      reasoning: this.#reasoning,
      promptTokens: last?.prompt_eval_count ?? 0,
      // Some servers that imitate Ollama do not count; a piece is a token, or nearly.
      answerTokens: last?.eval_count ?? this.#pieces,
      totalMs: ms(last?.total_duration),
      loadMs: ms(last?.load_duration),
      prefillMs: ms(last?.prompt_eval_duration),
      decodeMs: ms(last?.eval_duration),
    }
  }
}
