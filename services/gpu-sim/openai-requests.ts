import { z } from 'zod'
import { modelProfile, type Think } from '#contracts/model-profiles'
import { KEEP_ALIVE_MS } from './models.ts'
import { type ModelRequest, parseJson, Refusal } from './requests.ts'

/** Requests of OpenAI's chat API, read as servers of local models do: what they do not know they
 *  drop. */

const Text = z.object({ type: z.literal('text'), text: z.string() })
const Content = z
  .union([z.string(), z.array(z.union([Text, z.looseObject({ type: z.string() })]))])
  .nullish()
  .transform(given => (typeof given === 'string' ? given : (given ?? []).map(part => ('text' in part ? String(part.text) : '')).join('\n')))

const Completion = z.object({
  model: z.string().default(''),
  messages: z.array(z.object({ role: z.string(), content: Content })).default([]),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
  max_tokens: z.int().min(1).nullish(),
  /** The newer name; it wins. */
  max_completion_tokens: z.int().min(1).nullish(),
  n: z.int().min(1).nullish(),
  reasoning_effort: z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']).nullish(),
  chat_template_kwargs: z.looseObject({ enable_thinking: z.boolean().optional(), thinking: z.boolean().optional() }).nullish(),
})

export interface OpenAiRequest extends ModelRequest {
  /** A stream ends with its counts. */
  usage: boolean
}

/** Body -> request. Throws Refusal 400. */
export function parseCompletion(body: string): OpenAiRequest {
  const parsed = Completion.safeParse(parseJson(body))
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new Refusal(400, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not valid'}`)
  }
  const { model, messages, stream, stream_options, max_tokens, max_completion_tokens, n } = parsed.data
  if (model === '') throw new Refusal(400, 'model: field required')
  if (messages.length === 0) throw new Refusal(400, 'messages: expected at least one')
  if ((n ?? 1) > 1) throw new Refusal(400, `n: expected 1, got ${n}`)
  const prompt = messages
    .map(({ content }) => content)
    .filter(part => part !== '')
    .join('\n')
  return {
    endpoint: 'chat',
    model,
    // Even an empty message is answered; without one Ollama's API would only load the model.
    prompt: prompt === '' ? '\n' : prompt,
    stream: stream ?? false,
    usage: stream_options?.include_usage ?? false,
    think: thinkOf(parsed.data),
    keepAliveMs: KEEP_ALIVE_MS,
    capTokens: max_completion_tokens ?? max_tokens ?? Number.POSITIVE_INFINITY,
    contextTokens: undefined,
  }
}

const LEVELS = { none: false, minimal: 'low', low: 'low', medium: 'medium', high: 'high', xhigh: 'max', max: 'max' } as const

/** A chat template without reasoning does not look at either. */
function thinkOf({ model, reasoning_effort, chat_template_kwargs }: z.output<typeof Completion>): Think | undefined {
  if (modelProfile(model).thinking === 'never') return undefined
  if (reasoning_effort !== null && reasoning_effort !== undefined) return LEVELS[reasoning_effort]
  return chat_template_kwargs?.enable_thinking ?? chat_template_kwargs?.thinking
}
