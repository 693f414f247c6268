import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { LabError } from '../errors.ts'
import type { ModelAddress } from './address.ts'
import { failure, noServer, open } from './http.ts'

/** One streamed answer, timed by us and by the server. Each wait has a bound. */

export interface ChatAsk {
  model: string
  /** undefined = load the model, or let go of it with `keepAlive: 0`. */
  prompt?: string
  /** Cap of the answer, reasoning included. */
  tokens?: number
  /** undefined = the model's default. */
  think?: boolean | undefined
  keepAlive?: number
}

export interface Generation {
  /** By our clock, from the request on. Milliseconds. */
  startedMs: number
  firstTokenMs: number
  endedMs: number
  content: string
  reasoning: string
  promptTokens: number
  answerTokens: number
  /** The server's figures; undefined if missing or longer than the time that passed. */
  reported: { prefillMs: number; decodeMs: number } | undefined
}

export interface Bounds {
  /** Before the first token; the model may have to be loaded. */
  firstMs: number
  /** Between two pieces. */
  gapMs: number
  wholeMs: number
  /** How long a busy server is asked again. */
  busyMs: number
}

export const BOUNDS: Bounds = { firstMs: 300_000, gapMs: 60_000, wholeMs: 600_000, busyMs: 120_000 }

/** Status 4xx: the same request would fail again. */
export class ChatRefused extends LabError {
  readonly status: number

  constructor(server: Pick<ModelAddress, 'url'>, model: string, status: number, told: string) {
    super(
      'NO_MODEL',
      `${server.url}: ${model} does not answer (HTTP ${status}: ${told}).\nSee: npm run calibrate -- --ollama ${server.url} --model NAME`,
    )
    this.status = status
  }
}

const Line = z.looseObject({
  done: z.boolean().optional(),
  error: z.string().optional(),
  message: z.looseObject({ content: z.string().nullish(), thinking: z.string().nullish() }).nullish(),
  prompt_eval_count: z.number().nullish(),
  eval_count: z.number().nullish(),
  total_duration: z.number().nullish(),
  prompt_eval_duration: z.number().nullish(),
  eval_duration: z.number().nullish(),
})
type Line = z.output<typeof Line>

const FIRST_PAUSE_MS = 500
const PAUSE_MAX_MS = 10_000
const TOLD_CHARACTERS_MAX = 200
/** The server rounds; our clock begins before the request is sent. Milliseconds. */
const CLOCK_SLACK_MS = 2

/** Asks again while the server is busy. Throws ChatRefused, NO_MODEL_SERVER, INTERRUPTED. */
export async function chat(server: ModelAddress, ask: ChatAsk, signal: AbortSignal, bounds: Bounds = BOUNDS): Promise<Generation> {
  const untilMs = performance.now() + bounds.busyMs
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(PAUSE_MAX_MS, 2 * pauseMs)) {
    const answered = await once(server, ask, signal, bounds)
    if (!('busy' in answered)) return answered
    const waitMs = answered.retryAfterMs ?? pauseMs
    if (performance.now() + waitMs > untilMs)
      throw noServer(server, `it was busy for ${bounds.busyMs / 1_000} s (HTTP ${answered.busy}).`, 'Try again when it has less to do')
    await pause(waitMs, undefined, { signal }).catch((error: unknown) => {
      throw failure(server, error, { withinMs: waitMs, signal })
    })
  }
}

interface Busy {
  busy: number
  retryAfterMs: number | undefined
}

async function once(server: ModelAddress, ask: ChatAsk, signal: AbortSignal, bounds: Bounds): Promise<Generation | Busy> {
  // Ends the generation if it still runs: a GPU must not work for nobody.
  const stop = new AbortController()
  let silence: NodeJS.Timeout | undefined
  const within = (ms: number) => {
    clearTimeout(silence)
    silence = setTimeout(() => stop.abort(noServer(server, `expected a piece of the answer within ${ms / 1_000} s, got none.`, SEE)), ms)
  }
  try {
    within(bounds.firstMs)
    const startedMs = performance.now()
    const response = await open(server, '/api/chat', { body: bodyOf(ask), withinMs: bounds.wholeMs, signal, stop: stop.signal })
    if (response.status === 429 || response.status === 503) {
      const seconds = Number(response.headers.get('retry-after') ?? Number.NaN)
      return { busy: response.status, retryAfterMs: seconds >= 0 ? seconds * 1_000 : undefined }
    }
    if (!response.ok) throw refusal(server, ask.model, response.status, await response.text())
    const answer = new Answer(startedMs)
    for await (const text of lines(response)) {
      within(bounds.gapMs)
      const line = parsedLine(server, text)
      if (line.error !== undefined)
        throw noServer(server, `${ask.model} failed in its answer: ${line.error.slice(0, TOLD_CHARACTERS_MAX)}`, SEE)
      answer.push(line)
      if (line.done === true) return answer.end(line)
    }
    throw noServer(server, 'an answer ended without its last line.', SEE)
  } catch (error) {
    throw failure(server, stop.signal.aborted ? stop.signal.reason : error, { withinMs: bounds.wholeMs, signal })
  } finally {
    clearTimeout(silence)
    stop.abort()
  }
}

const SEE = 'See its own log'

export function bodyOf({ model, prompt, tokens, think, keepAlive }: ChatAsk): object {
  return {
    model,
    messages: prompt === undefined ? [] : [{ role: 'user', content: prompt }],
    stream: true,
    ...(think === undefined ? {} : { think }),
    ...(tokens === undefined ? {} : { options: { num_predict: tokens } }),
    ...(keepAlive === undefined ? {} : { keep_alive: keepAlive }),
  }
}

function refusal(server: ModelAddress, model: string, status: number, body: string): LabError {
  const { data } = z
    .preprocess(text => (typeof text === 'string' ? jsonOf(text) : text), z.looseObject({ error: z.string() }))
    .safeParse(body)
  const told = (data?.error ?? 'no reason given').slice(0, TOLD_CHARACTERS_MAX)
  if (status >= 300 && status < 500) return new ChatRefused(server, model, status, told)
  return noServer(server, `${model} fails (HTTP ${status}: ${told}).`, SEE)
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** undefined: the text is not a line of the API. */
export function parsed(text: string): Line | undefined {
  return Line.safeParse(jsonOf(text)).data
}

function parsedLine(server: ModelAddress, text: string): Line {
  const data = parsed(text)
  if (data === undefined) throw noServer(server, 'expected lines of JSON, got something else.', SEE)
  return data
}

export async function* lines(response: Response): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of response.body ?? []) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = parts.pop() ?? ''
    for (const part of parts) if (part.trim() !== '') yield part
  }
  if (rest.trim() !== '') yield rest
}

/** What came so far. */
class Answer {
  readonly #startedMs: number
  #firstTokenMs: number | undefined
  #pieces = 0
  #content = ''
  #reasoning = ''

  constructor(startedMs: number) {
    this.#startedMs = startedMs
  }

  push({ message }: Line): void {
    const [content, reasoning] = [message?.content ?? '', message?.thinking ?? '']
    if (content === '' && reasoning === '') return
    this.#firstTokenMs ??= performance.now()
    this.#pieces += 1
    this.#content += content
    this.#reasoning += reasoning
  }

  end(last: Line): Generation {
    const endedMs = performance.now()
    const ms = (ns: number | null | undefined) => (ns ?? 0) / 1e6
    const [prefillMs, decodeMs, totalMs] = [ms(last.prompt_eval_duration), ms(last.eval_duration), ms(last.total_duration)]
    const fits = decodeMs > 0 && Math.max(totalMs, prefillMs + decodeMs) <= endedMs - this.#startedMs + CLOCK_SLACK_MS
    return {
      startedMs: this.#startedMs,
      firstTokenMs: this.#firstTokenMs ?? endedMs,
      endedMs,
      content: this.#content,
      reasoning: this.#reasoning,
      promptTokens: last.prompt_eval_count ?? 0,
      // A piece is a token, or nearly.
      answerTokens: last.eval_count ?? this.#pieces,
      reported: fits ? { prefillMs, decodeMs } : undefined,
    }
  }
}
