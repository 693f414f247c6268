import { v5 as uuidV5 } from 'uuid'
import { z } from 'zod'

/** Namespace of every id that is derived and not drawn, so that a seed reproduces all of them. */
const NAMESPACE = '6f1c1c5e-64ab-5d1c-9d58-0f5b2a7c1e11'

/** What a user's name may be, for people. */
export const USER_NAME = '1 to 64 letters or digits of any script, _ and -'
/** A user's name and id, in NFC: two spellings of a letter are one name. */
export const UserId = z
  .string()
  .normalize('NFC')
  .regex(/^(?!\p{M})[\p{L}\p{M}\p{N}_-]{1,64}$/u, `expected ${USER_NAME}`)
export type UserId = z.infer<typeof UserId>

export const Uuid = z.uuid()

/** A routing key of `bot.direct`: `chat`, `chat.14b`, `image.sdxl` … */
export const Capability = z
  .string()
  .regex(/^[a-z0-9]+([.-][a-z0-9]+){0,7}$/, 'expected lower-case words joined by dots, such as chat or chat.14b')
export type Capability = z.infer<typeof Capability>

/** The 1:1 conversation of two users: the same id whichever of them writes first. */
export function conversationId(one: UserId, other: UserId): string {
  return uuidV5(`conversation:${[one, other].sort().join(':')}`, NAMESPACE)
}

/** The task that the prompt at `seq` of a conversation becomes. */
export function taskId(conversation: string, seq: number): string {
  return uuidV5(`task:${conversation}:${seq}`, NAMESPACE)
}

/** A task's one answer; also its client message id, so a unique constraint keeps it single. */
export function answerId(task: string): string {
  return uuidV5(`answer:${task}`, NAMESPACE)
}
