import { z } from 'zod'
import { MessageFrame, PartialFrame, ServerFrame } from './frames.ts'
import { UserId, Uuid } from './ids.ts'

/** One delivery on the fan-out: a ready-made frame and whose devices get it. */
export const Delivery = z.strictObject({
  to: z.array(UserId).min(1),
  frame: z.union([MessageFrame, PartialFrame, ServerFrame]),
})
export type Delivery = z.infer<typeof Delivery>

/** On the exchange `chat.fanout`: one delivery, or a batch of one commit or turn. `from` = the
 *  publisher; a batching IM node drops its own events. */
export const FanoutEvent = z.strictObject({ v: z.literal(1), from: z.string(), deliveries: z.array(Delivery).min(1) })
export type FanoutEvent = z.infer<typeof FanoutEvent>

/** On `bot.cancelled`: the worker ends this inference. Transient: missing it only wastes work. */
export const Cancelled = z.strictObject({ v: z.literal(1), task: Uuid })
export type Cancelled = z.infer<typeof Cancelled>
