import type { RequestListener } from 'node:http'
import { sendJson } from './http.ts'
import type { Bench } from './inference.ts'
import { ollamaApi } from './ollama-api.ts'
import { openAiApi } from './openai-api.ts'
import { openAiError } from './openai-lines.ts'
import { Refusal } from './requests.ts'

/** Both APIs of a model server. node:http and not hono: a hang-up is the response's event, and each
 *  chunk reaches the socket in its due turn of the event loop. */
export function modelApi(bench: Bench): RequestListener {
  return (req, res) => {
    res.on('error', () => undefined) // A client that went away: `close` tells whom it concerns.
    const path = (req.url ?? '/').replace(/\?.*$/, '')
    const openAi = path.startsWith('/v1/')
    const call = `${req.method === 'HEAD' ? 'GET' : (req.method ?? '')} ${path}`
    const answer = openAi ? openAiApi(bench, call, req, res) : ollamaApi(bench, call, req, res)
    answer.catch((error: unknown) => {
      if (!(error instanceof Refusal)) throw error // A bug: the process ends.
      const { status, message } = error
      if (!res.destroyed) sendJson(res, status, openAi ? openAiError(status, message) : { error: message })
    })
  }
}
