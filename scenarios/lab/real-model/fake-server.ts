import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** For tests: a model server that differs, as those of strangers do. */

export interface Asked {
  method: string
  path: string
  headers: IncomingHttpHeaders
  body: { model?: string; think?: unknown; options?: { num_predict?: number } }
}

export type Handler = (asked: Asked, response: ServerResponse) => void

export interface FakeServer extends AsyncDisposable {
  url: string
  headers: Record<string, string>
  asked: Asked[]
}

export async function fakeServer(handle: Handler): Promise<FakeServer> {
  const asked: Asked[] = []
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    const one = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body: (text === '' ? {} : JSON.parse(text)) as Asked['body'],
    }
    asked.push(one)
    handle(one, response)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    headers: {},
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

export const send = (response: ServerResponse, status: number, value: unknown, headers: Record<string, string> = {}) => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value))
}

export interface Ways {
  models?: Record<string, string[] | undefined>
  chat?: Handler
  prefix?: string
}

/** Ollama's API with models by name and what each can do; undefined = the server does not tell. */
export function ollama({ models = { 'm:1b': ['completion'] }, chat = says('Hello ', 'there.'), prefix = '' }: Ways = {}): Handler {
  return (asked, response) => {
    const name = asked.body.model ?? ''
    switch (`${asked.method} ${asked.path.replace(prefix, '')}`) {
      case 'GET /api/tags':
        return send(response, 200, { models: Object.keys(models).map(model => ({ name: model, model })) })
      case 'GET /api/version':
        return send(response, 200, { version: '0.32.9' })
      case 'POST /api/show':
        if (models[name] === undefined) return send(response, 404, { error: 'not found' })
        return send(response, 200, { capabilities: models[name], details: { parameter_size: '1B' } })
      case 'POST /api/chat':
        return chat(asked, response)
      default:
        return send(response, 404, { error: 'not found' })
    }
  }
}

export const line = (value: object) => `${JSON.stringify(value)}\n`

/** Streams pieces, then the last line. */
export const says =
  (...pieces: string[]): Handler =>
  (_, response) => {
    for (const content of pieces) response.write(line({ message: { content }, done: false }))
    response.end(line({ message: { content: '' }, done: true, prompt_eval_count: 9, eval_count: pieces.length }))
  }
