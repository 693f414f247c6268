import { HistoryPage, HttpError, LoginAnswer } from '#contracts/http'
import { ChatError } from './types.ts'

/** One request with a deadline. Callers get a value or a ChatError. */
async function request(url: URL, init: RequestInit, withinMs: number, signal: AbortSignal): Promise<unknown> {
  let response: Response
  let body: unknown
  try {
    response = await fetch(url, { ...init, redirect: 'error', signal: AbortSignal.any([signal, AbortSignal.timeout(withinMs)]) })
    body = await response.json().catch(() => undefined)
  } catch (cause) {
    throw new ChatError('UNREACHABLE', `${url.origin}: ${reasonOf(cause)}`, { cause })
  }
  if (response.ok) return body
  const told = HttpError.safeParse(body)
  const detail = told.success ? `${told.data.error.code}: ${told.data.error.detail}` : `HTTP ${response.status}`
  const code = response.status === 401 ? 'UNAUTHENTICATED' : 'HTTP_ERROR'
  throw new ChatError(code, `${url.origin}${url.pathname} answered ${response.status} (${detail})`, { status: response.status })
}

/** fetch says "fetch failed" and hides the reason in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError') return 'no answer in time'
  const { cause } = error
  if (cause instanceof Error) return ('code' in cause && typeof cause.code === 'string' && cause.code) || cause.message || error.message
  return error.message
}

export interface LoginOptions {
  nodes: readonly string[]
  user: string
  secret: string
  withinMs: number
  signal: AbortSignal
}

/** A token from the first node that gives one. 400 and 401 end the search: all nodes agree. */
export async function login(options: LoginOptions): Promise<string> {
  const init = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user: options.user, secret: options.secret }),
  }
  const seen: string[] = []
  for (const node of options.nodes) {
    try {
      const answer = LoginAnswer.safeParse(await request(new URL('/login', node), init, options.withinMs, options.signal))
      if (answer.success) return answer.data.token
      seen.push(`${node}: the answer to /login is none`)
    } catch (error) {
      if (!(error instanceof ChatError) || error.code === 'UNAUTHENTICATED') throw error
      if (error.status === 400) throw new ChatError('UNAUTHENTICATED', error.message, { cause: error })
      seen.push(error.message)
    }
    if (options.signal.aborted) break
  }
  throw new ChatError('UNREACHABLE', `no node gave a token (${seen.join('; ')})`)
}

export interface HistoryOptions {
  with: string
  /** Default 0: from the first. */
  after?: number
  /** Default and cap: the node's page. */
  limit?: number
}

/** One page of a conversation, oldest first. */
export async function historyPage(
  node: string,
  token: string,
  asked: HistoryOptions,
  withinMs: number,
  signal: AbortSignal,
): Promise<HistoryPage> {
  const url = new URL('/history', node)
  url.searchParams.set('with', asked.with)
  if (asked.after !== undefined) url.searchParams.set('after', String(asked.after))
  if (asked.limit !== undefined) url.searchParams.set('limit', String(asked.limit))
  const page = HistoryPage.safeParse(await request(url, { headers: { authorization: `Bearer ${token}` } }, withinMs, signal))
  if (page.success) return page.data
  throw new ChatError('HTTP_ERROR', `${url.origin}/history did not answer with a history page: ${page.error.issues[0]?.message ?? ''}`)
}
