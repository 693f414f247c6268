import type { z } from 'zod'

/** Environment variables that are missing or wrong; the message lists every one. */
export class EnvError extends Error {
  readonly code = 'BAD_ENVIRONMENT'
}

/** The checked environment. EnvError names each bad variable, not its value: it may be secret. */
export function readEnv<T extends z.ZodType>(schema: T, env: Record<string, string | undefined>): z.output<T> {
  // Compose files pass unset variables as empty strings.
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const parsed = schema.safeParse(given)
  if (parsed.success) return parsed.data
  const lines = parsed.error.issues.map(issue => `  ${issue.path.join('.')}: ${issue.message}`)
  throw new EnvError(`the environment of this part is invalid:\n${lines.join('\n')}\nMeaning of each: services/contracts/parts.ts`)
}
