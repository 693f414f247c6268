import type { IncomingMessage } from 'node:http'
import { type Failure, retryAfterMs, sortException, sortStatus } from '../failures.ts'
import { isRecord } from './model-api.ts'

/** What a model server says instead of an answer, in either API. */

/** Most that is read of an error's text. Bytes. */
const ERROR_TEXT_BYTES = 4_096

/** The server refused or gave up, and why. */
export class Refusal extends Error {
  readonly failure: Failure

  constructor(failure: Failure) {
    super(failure.detail)
    this.failure = failure
  }
}

/** Looks at status and headers. Throws a Refusal. */
export async function checkReply(reply: IncomingMessage): Promise<void> {
  const { statusCode: status = 0, headers } = reply
  if (status < 200 || status >= 300) throw new Refusal(await statusFailure(status, reply))
  if (/text\/html/i.test(headers['content-type'] ?? ''))
    throw new Refusal({ code: 'not-a-model-server', detail: `a web page under status ${status}` })
}

/** What any error of a request means. fetch hides the reason in `cause`. */
export function failureOf(error: unknown): Failure {
  if (error instanceof Refusal) return error.failure
  if (!(error instanceof Error)) return { code: 'error', detail: 'unknown error' }
  const { cause } = error
  const code = [cause, error].map(one => (one instanceof Error && 'code' in one ? String(one.code) : '')).find(text => text !== '') ?? ''
  const hidden = cause instanceof Error ? cause.message || code : ''
  const detail = `${error.message || code}${hidden === '' ? '' : `: ${hidden}`}`.slice(0, ERROR_TEXT_BYTES)
  return { code: sortException(code, detail), detail }
}

/** An error's text, in the forms of Ollama, OpenAI, vLLM and FastAPI; '' if there is none. */
export function saidIn(body: unknown): string {
  if (!isRecord(body)) return ''
  const { error, message, detail } = body
  const said = [error, isRecord(error) ? error['message'] : undefined, message, detail]
  return said.find(text => typeof text === 'string') ?? ''
}

async function statusFailure(status: number, reply: IncomingMessage): Promise<Failure> {
  const text = await beginning(reply)
  let said = text
  let isJson = false
  try {
    said = saidIn(JSON.parse(text))
    isJson = true
  } catch {
    // A proxy's page, or plain text.
    if (/^\s*</.test(text)) said = ''
  }
  const waitMs = retryAfterMs(reply.headers['retry-after'] ?? null, Date.now())
  const detail = `HTTP ${status}${said === '' ? '' : `: ${said}`}`
  return { code: sortStatus(status, said, isJson), detail, ...(waitMs === undefined ? {} : { retryAfterMs: waitMs }) }
}

/** An error's text may be endless. */
async function beginning(reply: IncomingMessage): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  try {
    for await (const piece of reply as AsyncIterable<Buffer>) {
      text += decoder.decode(piece, { stream: true })
      if (text.length >= ERROR_TEXT_BYTES) break // Leaving the loop cancels the rest.
    }
  } catch {
    // Cut off: what came is enough.
  }
  return text.slice(0, ERROR_TEXT_BYTES)
}
