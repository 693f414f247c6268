import type { IncomingMessage, ServerResponse } from 'node:http'
import { z } from 'zod'
import { capabilities } from '#contracts/model-profiles'
import { hostNowMs } from './gpu.ts'
import { bodyOf, notFound, sendJson } from './http.ts'
import { type Bench, infer, modelNamed, modelsOf } from './inference.ts'
import { ollamaLines } from './lines.ts'
import { described } from './models.ts'
import { parseJson, parseRequest, Refusal } from './requests.ts'

/** Ollama's API as chat clients use it. */

export async function ollamaApi(bench: Bench, call: string, req: IncomingMessage, res: ServerResponse): Promise<void> {
  switch (call) {
    case 'GET /':
      res.setHeader('content-type', 'text/plain; charset=utf-8')
      res.end('Ollama is running')
      return
    case 'GET /api/version':
      return sendJson(res, 200, { version: bench.setup.kind.version })
    case 'GET /api/tags':
      return sendJson(res, 200, { models: modelsOf(bench).map(model => listed(bench, model)) })
    case 'GET /api/ps':
      return sendJson(res, 200, { models: resident(bench) })
    case 'POST /api/show':
      return sendJson(res, 200, show(bench, parseJson(await bodyOf(req))))
    case 'POST /api/chat':
    case 'POST /api/generate': {
      const request = parseRequest(call === 'POST /api/chat' ? 'chat' : 'generate', await bodyOf(req), bench.setup.kind)
      return infer(bench, request, ollamaLines(request), req, res)
    }
    default:
      notFound(req, res)
  }
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
  const model = modelNamed(bench, asked)
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
