import { z } from 'zod'

/** What a user asked of a scenario beyond its own arms. Kept with the run. */
export const Asked = z.object({
  /** `NAME=VALUE` or `PART:NAME=VALUE`: each claim runs once more with all of them. */
  set: z.array(z.string()),
  /** Arms to run, by letter or name; empty = all. */
  arms: z.array(z.string()),
  /** GPUs in place of the scenario's; empty = its own. */
  gpus: z.array(z.string()),
  /** `NAME=PROFILE`: another card, or one more GPU. */
  gpu: z.array(z.string()),
  /** A worker of the user's own, and where its line is run. */
  own: z.object({ command: z.string(), folder: z.string() }).optional(),
})
export type Asked = z.infer<typeof Asked>
