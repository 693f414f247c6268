import { HistoryPage, LoginAnswer, Readiness } from '#contracts/http'

/** One kind of request and its good answer. A 200 with the wrong body is a failure. */
export interface Route {
  name: 'health' | 'ready' | 'login' | 'history'
  method: 'GET' | 'POST'
  path: string
  headers: Record<string, string>
  body?: string
  good(body: string): boolean
}

/** Who asks. */
export interface HttpAsker {
  user: string
  secret: string
  token: string
  /** The other side of a conversation with this many messages. */
  partner: string
  messages: number
}

/** The routes of an IM node that people use, lightest first. Pure. */
export function routesOf({ user, secret, token, partner, messages }: HttpAsker): Route[] {
  return [
    { name: 'health', method: 'GET', path: '/healthz', headers: {}, good: body => body === 'ok\n' },
    { name: 'ready', method: 'GET', path: '/readyz', headers: {}, good: body => parsed(Readiness, body)?.ready === true },
    {
      name: 'login',
      method: 'POST',
      path: '/login',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user, secret }),
      good: body => parsed(LoginAnswer, body) !== undefined,
    },
    {
      name: 'history',
      method: 'GET',
      path: `/history?with=${partner}&limit=${messages}`,
      headers: { authorization: `Bearer ${token}` },
      good: body => parsed(HistoryPage, body)?.messages.length === messages,
    },
  ]
}

function parsed<T>(schema: { safeParse(value: unknown): { success: true; data: T } | { success: false } }, body: string): T | undefined {
  try {
    const result = schema.safeParse(JSON.parse(body))
    return result.success ? result.data : undefined
  } catch {
    return undefined // Not JSON.
  }
}
