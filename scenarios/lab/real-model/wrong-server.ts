import { z } from 'zod'
import type { Settings } from '#contracts/settings'
import type { LabError } from '../errors.ts'
import type { ModelAddress } from './address.ts'
import { call, noServer, type Reply } from './http.ts'

/** Why what answered there is not usable, and what to type instead. */

const APIS = {
  ollama: {
    list: '/api/tags',
    name: "Ollama's",
    credentials: `OLLAMA_HEADERS='{"authorization":"Bearer TOKEN"}' npm run …, or --ollama http://USER:PASSWORD@HOST`,
  },
  openai: {
    list: '/v1/models',
    name: "OpenAI's",
    credentials: 'MODEL_API_KEY=KEY npm run …, or --openai http://USER:PASSWORD@HOST',
  },
} as const

/** A look at a list takes files; a waking server needs seconds. Milliseconds. */
export const LOOK_WITHIN_MS = 10_000
const ERROR_CHARACTERS_MAX = 120

/** @param reply to the request for its list of models */
export async function wrongServer(api: Settings['modelApi'], address: ModelAddress, reply: Reply, signal?: AbortSignal): Promise<LabError> {
  const { status, location, contentType } = reply
  const { list, name, credentials } = APIS[api]
  const option = `--${api}`
  const expected = `expected ${name} model list at ${address.url}${list},`
  if (status >= 300 && status < 400 && location !== '') {
    const target = new URL(location, `${address.url}${list}`)
    const path = target.pathname.replace(/\/$/, '')
    const base = `${target.origin}${path.endsWith(list) ? path.slice(0, -list.length) : path}`
    return noServer(address, `${expected} got a redirect to ${target.origin}${target.pathname}.`, `Type: ${option} ${base}`)
  }
  if (status === 401 || status === 403 || status === 407) {
    const had = Object.keys(address.headers).length > 0
    return noServer(
      address,
      had ? `it refuses the credentials or headers that it was sent (HTTP ${status}).` : `it asks for credentials (HTTP ${status}).`,
      `Type: ${credentials}`,
    )
  }
  const { data } = z.looseObject({ error: z.string() }).safeParse(reply.json)
  const got = `got HTTP ${status} (${data?.error.slice(0, ERROR_CHARACTERS_MAX) ?? (contentType.split(';')[0] || 'no content type')}).`
  const wrong = (next: string) => noServer(address, `${expected} ${got}`, next)
  const base = address.url.replace(/\/(?:v1|api)(?:\/.*)?$/, '')
  if (base !== address.url) return wrong(`The address ends before /api and /v1. Type: ${option} ${base}`)
  if (status >= 500) return wrong(`Is the server behind this address running? See: curl ${address.url}${list}`)
  if (api === 'ollama' && (await speaksOpenAi(address, signal)))
    return wrong(`It speaks OpenAI’s API (/v1) alone, which a lab asks too. Type: npm run lab:up -- --openai ${address.url}`)
  return wrong(`Is the path right? A server behind a proxy: ${option} http://HOST/PREFIX. See: curl -i ${address.url}${list}`)
}

async function speaksOpenAi(address: ModelAddress, signal?: AbortSignal): Promise<boolean> {
  const { status, json } = await call(address, '/v1/models', { withinMs: LOOK_WITHIN_MS, signal })
  return status === 200 && z.looseObject({ data: z.array(z.unknown()) }).safeParse(json).success
}
