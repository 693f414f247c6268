import { z } from 'zod'

/** How an event of a history is described. */

/** Milliseconds on the lab's monotonic clock. */
export const at = z.number()
export const text = z.string()

export function event<K extends string, S extends z.ZodRawShape>(kind: K, shape: S) {
  return z.strictObject({ kind: z.literal(kind), atMs: at, ...shape })
}
