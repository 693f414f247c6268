import type { Delivery } from '#contracts/events'
import type { PublishOutcome } from '../../kit/broker.ts'

export interface FanOutContext {
  /** One broker message with these deliveries. */
  publish(deliveries: readonly Delivery[]): Promise<PublishOutcome>
  /** To this node's own sockets. */
  deliverHere(deliveries: readonly Delivery[]): void
}

/** Brings events to the devices of their addressees, on whichever node they are. */
export type FanOutPublisher = (deliveries: readonly Delivery[], context: FanOutContext) => Promise<PublishOutcome>
