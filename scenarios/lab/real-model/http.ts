import { apiUrl } from '#contracts/model-server'
import { LabError } from '../errors.ts'
import type { ModelAddress } from './address.ts'

/** One bounded call to a model server; errors say what to do. */

export interface CallOptions {
  body?: object
  withinMs: number
  signal?: AbortSignal | undefined
}

export interface Reply {
  status: number
  text: string
  /** undefined where the text is not JSON. */
  json: unknown
  contentType: string
  location: string
}

/** Nobody's model list is longer; an endless page must not fill the memory. Bytes. */
const BODY_BYTES_MAX = 8 * 1_048_576

/** Any status is an answer. Throws NO_MODEL_SERVER where there is none, INTERRUPTED. */
export async function call(server: ModelAddress, path: `/${string}`, options: CallOptions): Promise<Reply> {
  const stop = new AbortController()
  try {
    const response = await open(server, path, { ...options, stop: stop.signal })
    const text = await textOf(response)
    const { status, headers } = response
    return { status, text, json: parsed(text), contentType: headers.get('content-type') ?? '', location: headers.get('location') ?? '' }
  } catch (error) {
    throw failure(server, error, { ...options, path })
  } finally {
    stop.abort()
  }
}

/** The response's start. No redirects: credentials would go along. Throws what fetch throws. */
export function open(
  server: ModelAddress,
  path: `/${string}`,
  { body, withinMs, signal, stop }: CallOptions & { stop: AbortSignal },
): Promise<Response> {
  return fetch(apiUrl(server.url, path), {
    method: body === undefined ? 'GET' : 'POST',
    headers: { ...server.headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    redirect: 'manual',
    signal: AbortSignal.any([stop, AbortSignal.timeout(withinMs), ...(signal === undefined ? [] : [signal])]),
  })
}

/** What a failed call becomes. */
export function failure(
  server: ModelAddress,
  error: unknown,
  { withinMs, signal, path = '/api/version' }: Pick<CallOptions, 'withinMs' | 'signal'> & { path?: string },
): LabError {
  if (error instanceof LabError) return error
  if (signal?.aborted === true) return new LabError('INTERRUPTED', `interrupted while ${server.url} was asked`, { cause: error })
  return unreachable(server, error, withinMs, path)
}

async function textOf(response: Response): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    if (bytes > BODY_BYTES_MAX) break
    text += decoder.decode(chunk, { stream: true })
  }
  return text
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export function noServer(server: Pick<ModelAddress, 'url'>, what: string, next: string, cause?: unknown): LabError {
  return new LabError('NO_MODEL_SERVER', `${server.url}: ${what}\n${next}`, cause === undefined ? {} : { cause })
}

const TLS = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/

/** fetch hides the reason in `cause`, and that in a list of one for each address that was tried. */
function unreachable(server: ModelAddress, error: unknown, withinMs: number, path: string): LabError {
  const see = `See: curl ${server.url}${path}`
  const fail = (what: string, next = see) => noServer(server, what, next, error)
  if (error instanceof Error && error.name === 'TimeoutError')
    return fail(`expected an answer within ${withinMs / 1_000} s, got none.`, `It may be busy, or behind a firewall. ${see}`)
  const code = codeOf(error)
  const { hostname, port, protocol } = new URL(server.url)
  switch (code) {
    case 'ECONNREFUSED':
      return fail(
        'expected a model server, but nothing listens there.',
        `Start it${path.startsWith('/api') ? ': ollama serve' : ''}. ${see}`,
      )
    case 'bad port':
      return fail(`expected a port for HTTP, got ${port}, which Node's fetch blocks.`)
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return fail(
        `expected a model server, the name ${hostname} is not known here.`,
        /\.internal$/.test(hostname)
          ? 'That name exists inside containers alone. Type the address of this machine as containers see it: ip -4 address show docker0'
          : `See: getent hosts ${hostname}`,
      )
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return fail('expected TLS, got a server without it.', `Type: ${server.url.replace(/^https/, 'http')}`)
    default:
  }
  if (TLS.test(code))
    return fail(
      `its certificate is not trusted (${code}).`,
      `If it is yours, name the authority that signed it: NODE_EXTRA_CA_CERTS=/path/ca.pem npm run …`,
    )
  if (protocol === 'http:' && /^HPE_|HTTP\/1\.1|^UND_ERR_SOCKET$|^ECONNRESET$/.test(code))
    return fail(`expected HTTP, the server at port ${port || 80} closed the connection or speaks something else.`)
  return fail(`expected a model server, got no answer (${code}).`)
}

/** The reason that fetch hides: `ECONNREFUSED`. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0])
  if (error.cause instanceof Error) return codeOf(error.cause)
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message
}
