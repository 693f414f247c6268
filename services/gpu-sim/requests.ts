import { z } from 'zod'
import type { Think } from '#contracts/model-profiles'
import { KEEP_ALIVE_MS } from './models.ts'
import type { ServerKind } from './server-kind.ts'

/** Requests, read as Ollama does: it silently drops what it does not know. */

const UNITS_MS: Record<string, number> = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }

/** `5m`, `1h30m`, `-1` or seconds. @returns ms, negative = forever; undefined if invalid. */
export function keepAliveMs(given: string | number): number | undefined {
  if (typeof given === 'number') return given * 1_000
  const text = given.trim()
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text) * 1_000
  if (!/^-?(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(text)) return undefined
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)]
  const ms = parts.reduce((sum, [, count, unit]) => sum + Number(count) * (UNITS_MS[unit ?? ''] ?? 0), 0)
  return text.startsWith('-') ? -ms : ms
}

const KeepAlive = z
  .union([z.number(), z.string()])
  .transform((given, context) => {
    const ms = keepAliveMs(given)
    if (ms === undefined) context.addIssue({ code: 'custom', message: `time: invalid duration ${JSON.stringify(given)}` })
    return ms ?? 0
  })
  .default(KEEP_ALIVE_MS)

const Options = z.looseObject({
  /** Token cap; 0 or less = none of its own. */
  num_predict: z.int().default(-1),
  /** Context, in tokens. */
  num_ctx: z.int().min(1).optional(),
  temperature: z.number().optional(),
  top_p: z.number().optional(),
  seed: z.int().optional(),
})

const Common = {
  model: z.string().default(''),
  stream: z.boolean().nullish(),
  think: z.unknown().optional(),
  keep_alive: KeepAlive,
  options: Options.nullish().transform(options => options ?? Options.parse({})),
}
const Chat = z.object({ ...Common, messages: z.array(z.object({ role: z.string(), content: z.string().default('') })).default([]) })
const Generate = z.object({ ...Common, prompt: z.string().default(''), system: z.string().default('') })

export type Endpoint = 'chat' | 'generate'

export interface ModelRequest {
  endpoint: Endpoint
  model: string
  /** Everything that the model reads. Empty = load the model, or unload it with `keep_alive: 0`. */
  prompt: string
  stream: boolean
  /** undefined = as the model likes. */
  think: Think | undefined
  keepAliveMs: number
  /** Most tokens that are generated; Infinity = as many as the context allows. */
  capTokens: number
  /** undefined = the server's default. */
  contextTokens: number | undefined
}

/** A request that is answered with this status and `{"error": …}`. */
export class Refusal extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** Body -> request. Throws Refusal 400. */
export function parseRequest(endpoint: Endpoint, body: string, kind: ServerKind): ModelRequest {
  const parsed = (endpoint === 'chat' ? Chat : Generate).safeParse(parseJson(body))
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new Refusal(400, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not valid'}`)
  }
  const { model, stream, think, keep_alive, options } = parsed.data
  if (model === '') throw new Refusal(400, 'model is required')
  const prompt = 'messages' in parsed.data ? parsed.data.messages.map(({ content }) => content) : [parsed.data.system, parsed.data.prompt]
  return {
    endpoint,
    model,
    prompt: prompt.filter(part => part !== '').join('\n'),
    stream: stream ?? true,
    think: thinkOf(think, kind),
    keepAliveMs: keep_alive,
    capTokens: options.num_predict > 0 ? options.num_predict : Number.POSITIVE_INFINITY,
    contextTokens: options.num_ctx === undefined ? undefined : Math.max(CONTEXT_TOKENS_MIN, options.num_ctx),
  }
}

/** Less is raised to it, as in Ollama. */
const CONTEXT_TOKENS_MIN = 4

function thinkOf(given: unknown, { thinkLevels }: ServerKind): Think | undefined {
  if (given === undefined || given === null || thinkLevels.length === 0) return undefined
  if (typeof given === 'boolean') return given
  const known = `${thinkLevels.map(level => JSON.stringify(level)).join(', ')}, true, or false`
  if (typeof given !== 'string') throw new Refusal(400, `think must be a boolean or string (${known})`)
  if (!thinkLevels.includes(given)) throw new Refusal(400, `invalid think value: ${JSON.stringify(given)} (must be ${known})`)
  return given as Think // One of the levels above.
}

/** Throws Refusal 400 on bad JSON. */
export function parseJson(body: string): unknown {
  if (body === '') throw new Refusal(400, 'missing request body')
  try {
    return JSON.parse(body)
  } catch (error) {
    throw new Refusal(400, error instanceof Error ? error.message : 'invalid JSON')
  }
}
