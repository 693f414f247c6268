import type { z } from 'zod'

/** One entry of the settings' table, and the text about a wrong value. */

export interface Setting<T extends z.ZodType> {
  schema: T
  /** What it does; unit and meaning of 0 where there is one. */
  about: string
  sound: z.input<T>
  /** Only where the article's design differs. */
  article?: z.input<T>
  /** All IM nodes and workers need one value: a shared queue, or data that others read. */
  shared?: true
}
export function setting<T extends z.ZodType>(schema: T, about: string, sound: z.input<T>, article?: z.input<T>): Setting<T> {
  return article === undefined ? { schema, about, sound } : { schema, about, sound, article }
}

/** A setting that no two parts may have differently. */
export function shared<T extends z.ZodType>(spec: Setting<T>): Setting<T> {
  return { ...spec, shared: true }
}

/** A setting that is unknown or out of range: the message says which, expected and got. */
export class SettingsError extends Error {
  readonly code = 'BAD_SETTING'
}

/** As it was typed; quoted where its end would not be seen. */
export const shown = (given: unknown) => (typeof given === 'string' && /^\S+$/.test(given) ? given : JSON.stringify(given))

/** `workerPrefetchTasks` -> `WORKER_PREFETCH_TASKS` */
export function envName(name: string): string {
  return name.replace(/[A-Z]/g, letter => `_${letter}`).toUpperCase()
}
