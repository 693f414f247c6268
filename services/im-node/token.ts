import { createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { UserId } from '#contracts/ids'

const Claims = z.object({ sub: UserId, exp: z.int() })

export type TokenVerdict = { ok: true; user: UserId; expiresAtMs: number } | { ok: false; why: 'UNAUTHENTICATED' | 'TOKEN_EXPIRED' }

/** HMAC tokens `claims.signature`, base64url. All nodes share the lab's secret as the key. */
export class Tokens {
  readonly #key: Buffer

  constructor(secret: string) {
    this.#key = createHmac('sha256', secret).update('prefetch-lab token v1').digest()
  }

  issue(user: UserId, expiresAtMs: number): string {
    const claims = Buffer.from(JSON.stringify({ sub: user, exp: Math.floor(expiresAtMs / 1_000) })).toString('base64url')
    return `${claims}.${this.#sign(claims)}`
  }

  verify(token: string, nowMs: number): TokenVerdict {
    const [claims, signature, ...rest] = token.split('.')
    if (claims === undefined || signature === undefined || rest.length > 0 || !equal(signature, this.#sign(claims)))
      return { ok: false, why: 'UNAUTHENTICATED' }
    const parsed = Claims.safeParse(JSON.parse(Buffer.from(claims, 'base64url').toString()))
    if (!parsed.success) return { ok: false, why: 'UNAUTHENTICATED' }
    const expiresAtMs = parsed.data.exp * 1_000
    return expiresAtMs <= nowMs ? { ok: false, why: 'TOKEN_EXPIRED' } : { ok: true, user: parsed.data.sub, expiresAtMs }
  }

  #sign(claims: string): string {
    return createHmac('sha256', this.#key).update(claims).digest('base64url')
  }
}

/** Same text, without telling by time how much of it was right. */
export function equal(one: string, other: string): boolean {
  const [a, b] = [one, other].map(text => createHmac('sha256', 'compare').update(text).digest())
  return a !== undefined && b !== undefined && timingSafeEqual(a, b)
}
