import { Ollama } from 'ollama'
import { LabError } from '#lab'

/** Single generations of a model server, timed by us and by itself. */

export interface Generation {
  /** By our clock, from the request on. Milliseconds. */
  startedMs: number
  firstTokenMs: number
  endedMs: number
  /** As the server reports them. */
  promptTokens: number
  answerTokens: number
  prefillMs: number
  decodeMs: number
}

export interface ModelServer {
  url: string
  model: string
  version: string
  /** Parameters, in billions. */
  billions: number
}

/** Which server, and which of its models. Throws NO_MODEL_SERVER. */
export async function modelServer(url: string, wanted: string | undefined): Promise<ModelServer> {
  const client = new Ollama({ host: url })
  const told = (error: unknown) => (error instanceof Error ? error.message : String(error))
  const { models } = await client.list().catch((error: unknown) => {
    throw new LabError(
      'NO_MODEL_SERVER',
      `${url} does not answer as Ollama does: ${told(error)}\nIs it running? See: curl ${url}/api/version`,
      { cause: error },
    )
  })
  const names = models.map(({ name }) => name)
  const model = wanted ?? names[0]
  if (model === undefined || !names.some(name => name === model || name === `${model}:latest`))
    throw new LabError(
      'NO_MODEL_SERVER',
      `expected the model ${model ?? '(any)'} on ${url}; it has ${names.join(', ') || 'none'}\nFetch one there: ollama pull NAME`,
    )
  const { details } = await client.show({ model })
  return { url, model, version: (await client.version()).version, billions: parameters(details.parameter_size) }
}

/** `134.52M`, `8.0B` -> billions; 8 where the server does not tell. */
export function parameters(size: string): number {
  const [, figure, unit] = /^([\d.]+)\s*([KMB])/i.exec(size) ?? []
  const per: Record<string, number> = { K: 1e-6, M: 1e-3, B: 1 }
  return figure === undefined || unit === undefined ? 8 : Math.round(Number(figure) * (per[unit.toUpperCase()] ?? 1) * 1_000) / 1_000
}

/** One answer of at most so many tokens. Throws when the signal ends it; the server then stops generating. */
export async function generate(
  { url, model }: Pick<ModelServer, 'url' | 'model'>,
  prompt: string,
  tokens: number,
  signal: AbortSignal,
): Promise<Generation> {
  // A client of its own: aborting one ends all of its streams.
  const client = new Ollama({ host: url })
  signal.throwIfAborted()
  signal.addEventListener('abort', () => client.abort(), { once: true })
  const startedMs = performance.now()
  let firstTokenMs = 0
  const stream = await client.chat({ model, messages: [{ role: 'user', content: prompt }], stream: true, options: { num_predict: tokens } })
  for await (const part of stream) {
    if (firstTokenMs === 0) firstTokenMs = performance.now()
    if (!part.done) continue
    const { prompt_eval_count = 0, eval_count = 0, prompt_eval_duration = 0, eval_duration = 0 } = part
    const endedMs = performance.now()
    const [prefillMs, decodeMs] = [prompt_eval_duration / 1e6, eval_duration / 1e6]
    return { startedMs, firstTokenMs, endedMs, promptTokens: prompt_eval_count, answerTokens: eval_count, prefillMs, decodeMs }
  }
  throw new LabError('NO_MODEL_SERVER', `${url} ended a stream without its last line`)
}
