import type { IncomingMessage, ServerResponse } from 'node:http'
import { fullModelName } from '#contracts/model-server'
import { bodyOf, notFound, sendJson } from './http.ts'
import { type Bench, infer, modelsOf } from './inference.ts'
import { openAiLines } from './openai-lines.ts'
import { parseCompletion } from './openai-requests.ts'
import { Refusal } from './requests.ts'

/** OpenAI's chat API, as vLLM, SGLang, llama.cpp's server, LM Studio and Ollama serve it. */

/** Of the list of models: seconds. */
const CREATED = 1_767_225_600
const ONE_MODEL = 'GET /v1/models/'

export async function openAiApi(bench: Bench, call: string, req: IncomingMessage, res: ServerResponse): Promise<void> {
  if (call === 'GET /v1/models') return sendJson(res, 200, { object: 'list', data: modelsOf(bench).map(listed) })
  if (call.startsWith(ONE_MODEL)) {
    const asked = call.slice(ONE_MODEL.length)
    // Names have slashes and colons, which clients may encode.
    const model = modelsOf(bench).find(name => name === fullModelName(asked) || encodeURIComponent(name) === asked)
    if (model === undefined) throw new Refusal(404, `model '${asked}' not found`)
    return sendJson(res, 200, listed(model))
  }
  if (call !== 'POST /v1/chat/completions') return notFound(req, res)
  const request = parseCompletion(await bodyOf(req))
  infer(bench, request, openAiLines(request), req, res)
}

function listed(id: string): object {
  return { id, object: 'model', created: CREATED, owned_by: 'prefetch-lab' }
}
