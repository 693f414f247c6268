import type { IncomingMessage, ServerResponse } from 'node:http'
import { bodyOf, notFound, sendJson } from './http.ts'
import { type Bench, infer, modelNamed, modelsOf } from './inference.ts'
import { openAiLines } from './openai-lines.ts'
import { parseCompletion } from './openai-requests.ts'

/** OpenAI's chat API, as vLLM, SGLang, llama.cpp's server, LM Studio and Ollama serve it. */

/** Of the list of models: seconds. */
const CREATED = 1_767_225_600
const ONE_MODEL = 'GET /v1/models/'

export async function openAiApi(bench: Bench, call: string, req: IncomingMessage, res: ServerResponse): Promise<void> {
  if (call === 'GET /v1/models') return sendJson(res, 200, { object: 'list', data: modelsOf(bench).map(listed) })
  if (call.startsWith(ONE_MODEL)) {
    const asked = call.slice(ONE_MODEL.length)
    // Names have slashes and colons, which clients may encode.
    const own = modelsOf(bench).find(name => encodeURIComponent(name) === asked)
    return sendJson(res, 200, listed(own ?? modelNamed(bench, asked)))
  }
  if (call !== 'POST /v1/chat/completions') return notFound(req, res)
  const request = parseCompletion(await bodyOf(req))
  infer(bench, request, openAiLines(request), req, res)
}

function listed(id: string): object {
  return { id, object: 'model', created: CREATED, owned_by: 'prefetch-lab' }
}
