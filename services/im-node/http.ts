import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { z } from 'zod'
import { type HttpError, LoginRequest } from '#contracts/http'
import { conversationId, UserId } from '#contracts/ids'
import { PAGE_MESSAGES } from '#contracts/limits'
import type { Settings } from '#contracts/settings'
import type { ChatStore } from '../kit/chat-store.ts'
import { Rate } from './rate.ts'
import { equal, type Tokens } from './token.ts'

/** Wrong secrets per second that a node listens to. */
const WRONG_LOGINS_PER_SECOND = 20
const LOGIN_MAX_BYTES = 4_096

const HistoryQuery = z.object({
  with: UserId,
  after: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(PAGE_MESSAGES).default(PAGE_MESSAGES),
})

const failure = (code: string, detail: string): HttpError => ({ error: { code, detail } })

/** `POST /login` and `GET /history`. */
export function chatRoutes({
  settings,
  secret,
  tokens,
  store,
}: {
  settings: Settings
  secret: string
  tokens: Tokens
  store: ChatStore
}): Hono {
  const app = new Hono()
  const wrong = new Rate(WRONG_LOGINS_PER_SECOND, performance.now())

  app.post(
    '/login',
    bodyLimit({ maxSize: LOGIN_MAX_BYTES, onError: c => c.json(failure('BODY_TOO_LARGE', `at most ${LOGIN_MAX_BYTES} bytes`), 413) }),
    async c => {
      const parsed = LoginRequest.safeParse(await c.req.json().catch(() => undefined))
      if (!parsed.success) return c.json(failure('MALFORMED', parsed.error.issues[0]?.message ?? 'expected {user, secret}'), 400)
      const { user, secret: given } = parsed.data
      if (!equal(given, secret)) {
        if (!wrong.take(performance.now())) return c.json(failure('RATE_LIMITED', 'too many wrong secrets; wait a second'), 429)
        return c.json(failure('UNAUTHENTICATED', 'wrong secret'), 401)
      }
      if (user === settings.robotUser) return c.json(failure('FORBIDDEN_USER', `nobody logs in as ${user}: it is the robot`), 400)
      const expiresAtMs = Date.now() + settings.tokenLifetimeSeconds * 1_000
      return c.json({ token: tokens.issue(user, expiresAtMs), expiresAt: new Date(expiresAtMs).toISOString() })
    },
  )

  app.get('/history', async c => {
    const bearer = /^Bearer (.+)$/.exec(c.req.header('authorization') ?? '')?.[1]
    const verdict = bearer === undefined ? undefined : tokens.verify(bearer, Date.now())
    if (verdict === undefined || !verdict.ok)
      return c.json(failure(verdict?.why ?? 'UNAUTHENTICATED', 'Authorization: Bearer TOKEN of POST /login'), 401)
    const query = HistoryQuery.safeParse(c.req.query())
    if (!query.success)
      return c.json(failure('MALFORMED', `${query.error.issues[0]?.path.join('.')}: ${query.error.issues[0]?.message}`), 400)
    if (!settings.chatStored) return c.json(failure('NOT_STORED', 'the design article stores no messages'), 409)
    const { with: other, after, limit } = query.data
    // The id derives from both users, so nobody can read another's conversation.
    const conversation = conversationId(verdict.user, other)
    try {
      return c.json({ conversation, ...(await store.history(verdict.user, conversation, after, limit)) })
    } catch {
      return c.json(failure('STORE_UNAVAILABLE', 'the database did not answer; try again'), 503)
    }
  })
  return app
}
