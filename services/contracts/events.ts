import { z } from 'zod'
import { MessageFrame, PartialFrame, ServerFrame } from './frames.ts'
import { UserId } from './ids.ts'

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
