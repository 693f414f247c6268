import { z } from 'zod'
import { Capability, UserId, Uuid } from './ids.ts'

/** Body of a message on a work queue, JSON. Message id property = task id. */
export const Task = z.strictObject({
  v: z.literal(1),
  /** uuid v5 of conversation + seq; in `article` of the client message id. */
  id: Uuid,
  capability: Capability,
  /** The chat message that asked. seq 0 in the design `article`. */
  message: z.strictObject({ conversation: Uuid, seq: z.int().min(0), sender: UserId, clientMessageId: Uuid, sentAt: z.string() }),
  prompt: z.string().min(1),
  /** Who answers. */
  robot: UserId,
})
export type Task = z.infer<typeof Task>

/** Body of an answer of a worker that is not ours, on `bot.answers`. Further fields are ignored. */
export const OutsideAnswer = z.object({ task: Uuid, text: z.string().min(1) })

/** queued -> running -> answered | failed (apology) | cancelled; running -> queued on requeue. */
export const TaskState = z.enum(['queued', 'running', 'answered', 'failed', 'cancelled'])
export type TaskState = z.infer<typeof TaskState>

/** "The server is busy, try again later." */
export const ARTICLE_APOLOGY = '服务器繁忙,请稍后再试'

/** `attempts-used-up`: the setting `apologyText`. The others end at once. */
export const TaskFailure = z.enum(['attempts-used-up', 'too-long', 'refused', 'only-thinking'])
export type TaskFailure = z.infer<typeof TaskFailure>

const ENDED_AT_ONCE = {
  'too-long': 'This question is longer than the model can read. Please ask a shorter one.',
  refused: 'The model server refused this question. Please ask it in another way.',
  'only-thinking': 'The model used up its token limit while it was thinking. Please ask a simpler question.',
}

/** What the asker reads then. */
export function apologyFor(why: TaskFailure, { apologyText }: { apologyText: string }): string {
  return why === 'attempts-used-up' ? apologyText : ENDED_AT_ONCE[why]
}

/** Headers of an inference, ignored by real Ollama, logged by the simulated GPU. `held`: ms
 *  unsettled by the worker's own clock, which parts the wait in its buffer from the broker's. */
export const INFERENCE_HEADERS = {
  task: 'x-prefetch-task',
  attempt: 'x-prefetch-attempt',
  worker: 'x-prefetch-worker',
  held: 'x-prefetch-held-ms',
  /** `1` on a probe: one token, without a task. */
  probe: 'x-prefetch-probe',
} as const
