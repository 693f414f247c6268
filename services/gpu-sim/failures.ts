import type { GpuFailure, GpuFaults } from '#contracts/http'
import { JSON_TYPE, type Lines } from './lines.ts'
import type { ServerKind } from './server-kind.ts'

/** Refusals as real servers and proxies send them. Pure. ollama#N = an issue of ollama/ollama. */

interface Answer {
  status: number
  headers: Record<string, string>
  body: string
}

/** Of the request that is refused. */
export interface Refused {
  /** As the client wrote it. */
  model: string
  sentTokens: number
  contextTokens: number
}

interface Kind {
  status: number
  error: string
  body?: NonNullable<GpuFaults['body']>
  headers?: Record<string, string>
}

/** A refusal due to a fault; undefined if none. @param nowMs wall clock, for `Retry-After`. */
export function refusal(
  faults: GpuFaults,
  kind: ServerKind,
  refused: Refused,
  lines: Pick<Lines, 'refusal'>,
  nowMs: number,
): Answer | undefined {
  if (faults.failure === undefined && faults.status === undefined) return undefined
  const { status: ownStatus, ...own } = faults.failure === undefined ? bare(faults.status ?? 500) : failures(kind, refused)[faults.failure]
  const status = faults.status ?? ownStatus
  const error = faults.error ?? own.error
  const headers = { ...own.headers, ...retryAfter(faults, nowMs) }
  const { type, body } = written(faults.body ?? own.body ?? 'json', error, lines.refusal(status, error))
  return { status, headers: type === '' ? headers : { 'content-type': type, ...headers }, body }
}

function retryAfter({ retryAfterSeconds: seconds, retryAfterForm }: GpuFaults, nowMs: number): Record<string, string> {
  if (seconds === undefined) return {}
  return { 'retry-after': retryAfterForm === 'date' ? new Date(nowMs + 1_000 * seconds).toUTCString() : String(seconds) }
}

function bare(status: number): Kind {
  return { status, error: `simulated fault: status ${status}` }
}

/** A prompt that does not fit, in the server's words: JSON inside Ollama's error (ollama#17889). */
export function tooLong({ runner }: ServerKind, { sentTokens, contextTokens }: Omit<Refused, 'model'>): string {
  if (runner !== 'llama-server process') return 'the input length exceeds the context length'
  const message = `request (${sentTokens} tokens) exceeds the available context size (${contextTokens} tokens), try increasing it`
  return JSON.stringify({
    error: { code: 400, message, type: 'exceed_context_size_error', n_prompt_tokens: sentTokens, n_ctx: contextTokens },
  })
}

/** A runner that died of it, before or amid an answer (ollama#9782). */
export function outOfMemory({ runner }: ServerKind): string {
  return `${runner} has terminated: CUDA error: out of memory`
}

function failures(kind: ServerKind, refused: Refused): Record<GpuFailure, Kind> {
  const { model } = refused
  return {
    'out-of-memory': { status: 500, error: outOfMemory(kind) },
    'model-missing': { status: 404, error: `model '${model}' not found` },
    'no-chat': { status: 400, error: `"${model}" does not support chat` },
    'no-thinking': { status: 400, error: `"${model}" does not support thinking` },
    'input-too-long': {
      status: 400,
      error: tooLong(kind, { ...refused, sentTokens: Math.max(refused.sentTokens, refused.contextTokens + 1) }),
    },
    // No Retry-After (ollama#4124).
    busy: { status: 503, error: 'server busy, please try again.  maximum pending requests exceeded' },
    'rate-limit': { status: 429, error: 'too many requests', headers: { 'retry-after': '1' } },
    unauthorized: { status: 401, error: 'unauthorized', headers: { 'www-authenticate': 'Bearer' } },
    'bad-gateway': { status: 502, error: '502 Bad Gateway', body: 'html' },
    // A cold load behind a proxy (ollama#465).
    'gateway-timeout': { status: 504, error: '504 Gateway Time-out', body: 'html' },
    'login-page': { status: 200, error: 'Sign in', body: 'html' },
    redirect: { status: 301, error: '301 Moved Permanently', body: 'html', headers: { location: 'https://gpu.invalid/api/chat' } },
  }
}

function written(body: NonNullable<GpuFaults['body']>, error: string, json: string): { type: string; body: string } {
  switch (body) {
    case 'json':
      return { type: JSON_TYPE, body: json }
    case 'text':
      return { type: 'text/plain; charset=utf-8', body: error }
    case 'html':
      return {
        type: 'text/html',
        body: `<html>\r\n<head><title>${error}</title></head>\r\n<body>\r\n<center><h1>${error}</h1></center>\r\n</body>\r\n</html>\r\n`,
      }
    case 'empty':
      return { type: '', body: '' }
  }
}
