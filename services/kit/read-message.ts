import type { z } from 'zod'

/** A message's body, or undefined if it is not JSON of this schema. */
export function readMessage<T>(schema: z.ZodType<T>, body: Buffer): T | undefined {
  try {
    return schema.parse(JSON.parse(body.toString()))
  } catch {
    return undefined
  }
}
