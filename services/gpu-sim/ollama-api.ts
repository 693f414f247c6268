import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { z } from 'zod'
import { capabilities } from '#contracts/model-profiles'
import { fullModelName } from '#contracts/model-server'
import { hostNowMs } from './gpu.ts'
import { type Bench, infer, modelsOf } from './inference.ts'
import { described } from './models.ts'
import { parseJson, parseRequest, Refusal } from './requests.ts'

/** Ollama's API as chat clients use it. node:http and not hono: a hang-up is the response's event,
 *  and each chunk reaches the socket in its due turn of the event loop. */

/** Ollama takes images, so bodies may be large; prompts of ours are not. Bytes. */
const BODY_BYTES_MAX = 1_048_576

export function ollamaApi(bench: Bench): RequestListener {
  return (req, res) => {
    res.on('error', () => undefined) // A client that went away: `close` tells whom it concerns.
    answer(bench, req, res).catch((error: unknown) => {
      if (!(error instanceof Refusal)) throw error // A bug: the process ends.
      if (!res.destroyed) json(res, error.status, { error: error.message })
    })
  }
}

async function answer(bench: Bench, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const path = (req.url ?? '/').replace(/\?.*$/, '')
  const method = req.method === 'HEAD' ? 'GET' : (req.method ?? '')
  switch (`${method} ${path}`) {
    case 'GET /':
      res.setHeader('content-type', 'text/plain; charset=utf-8')
      res.end('Ollama is running')
      return
    case 'GET /api/version':
      return json(res, 200, { version: bench.setup.kind.version })
    case 'GET /api/tags':
      return json(res, 200, { models: modelsOf(bench).map(model => listed(bench, model)) })
    case 'GET /api/ps':
      return json(res, 200, { models: resident(bench) })
    case 'POST /api/show':
      return json(res, 200, show(bench, parseJson(await body(req))))
    case 'POST /api/chat':
      return infer(bench, parseRequest('chat', await body(req), bench.setup.kind), req, res)
    case 'POST /api/generate':
      return infer(bench, parseRequest('generate', await body(req), bench.setup.kind), req, res)
    default:
      req.resume()
      res.statusCode = 404
      res.end('404 page not found')
  }
}

function json(res: ServerResponse, status: number, value: object): void {
  res.statusCode = status
  res.setHeader('content-type', 'application/json; charset=utf-8')
  res.end(JSON.stringify(value))
}

/** The whole body as text; a client that hangs up meanwhile is a Refusal that nobody hears. */
async function body(req: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  let bytes = 0
  try {
    for await (const piece of req as AsyncIterable<Buffer>) {
      bytes += piece.length
      // Read to the end: a client still sending hears no refusal.
      if (bytes <= BODY_BYTES_MAX) pieces.push(piece)
    }
  } catch {
    throw new Refusal(499, 'request canceled')
  }
  if (bytes > BODY_BYTES_MAX) throw new Refusal(413, `the body is larger than ${BODY_BYTES_MAX} bytes`)
  return Buffer.concat(pieces).toString('utf8')
}

const MODIFIED_AT = '2026-01-01T00:00:00Z'

function listed({ setup }: Bench, model: string): object {
  return { ...described(model), modified_at: MODIFIED_AT, ...(setup.kind.tagsCapabilities ? { capabilities: capable(setup, model) } : {}) }
}

/** Without `think` it lists no such capability and reasons inside the content. */
function capable({ kind }: Bench['setup'], model: string): string[] {
  return capabilities(model).filter(capability => capability !== 'thinking' || kind.reasoningApart)
}

function resident({ gpu, setup }: Bench): object[] {
  const nowMs = hostNowMs()
  const never = 100 * 365 * 86_400_000
  const shown = gpu.engine.memory.resident(nowMs).filter(({ loaded }) => loaded || setup.kind.showsLoading)
  return shown.map(({ model, contextTokens, expiresAtMs }) => {
    const described_ = described(model)
    const expires_at = new Date(Date.now() + Math.min(never, expiresAtMs - nowMs)).toISOString()
    return { ...described_, expires_at, size_vram: described_.size, context_length: contextTokens }
  })
}

const Show = z.object({ model: z.string().default(''), name: z.string().default('') })

function show(bench: Bench, given: unknown): object {
  const parsed = Show.safeParse(given)
  const asked = parsed.success ? parsed.data.model || parsed.data.name : ''
  if (asked === '') throw new Refusal(400, 'model is required')
  const model = fullModelName(asked)
  if (!modelsOf(bench).includes(model)) throw new Refusal(404, `model '${asked}' not found`)
  return {
    license: '',
    modelfile: `# simulated on ${bench.setup.profile.name}`,
    parameters: '',
    template: '{{ .Prompt }}',
    details: described(model).details,
    model_info: { 'general.architecture': described(model).details.family, 'general.basename': model },
    capabilities: capable(bench.setup, model),
    modified_at: MODIFIED_AT,
  }
}
