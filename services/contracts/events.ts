import { z } from 'zod'
import { MessageFrame, PartialFrame, ServerFrame } from './frames.ts'
import { UserId, Uuid } from './ids.ts'

/** One delivery on the fan-out: a ready-made frame and whose devices get it. */
export const Delivery = z.strictObject({
  to: z.array(UserId).min(1),
  frame: z.union([MessageFrame, PartialFrame, ServerFrame]),
})
export type Delivery = z.infer<typeof Delivery>

/** What crosses the exchange `chat.fanout`. Plain: one delivery each. Batched: what one turn or one commit produced.
 *  `from` = the publishing part; a batching IM node drops its own, since it has delivered to its own sockets already. */
export const FanoutEvent = z.strictObject({ v: z.literal(1), from: z.string(), deliveries: z.array(Delivery).min(1) })
export type FanoutEvent = z.infer<typeof FanoutEvent>

/** What crosses the exchange `bot.cancelled`: the worker that runs this task ends its inference. Transient: a worker that misses it works for nobody, no more. */
export const Cancelled = z.strictObject({ v: z.literal(1), task: Uuid })
export type Cancelled = z.infer<typeof Cancelled>
