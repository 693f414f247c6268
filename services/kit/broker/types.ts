import type { QueueDeclaration } from '#contracts/topology'

/** How a publish ended. `rejected`: nacked (queue full). `unknown`: no confirm; it may have
 *  arrived. `unavailable`: surely not sent (no connection, an alarm, too many in flight). */
export type PublishOutcome = 'confirmed' | 'unroutable' | 'rejected' | 'unknown' | 'unavailable'

export interface Publication {
  exchange: string
  routingKey: string
  body: Buffer
  persistent: boolean
  /** Unroutable is an outcome and not silence. Default false. */
  mandatory?: boolean
  messageId?: string
  headers?: Record<string, string | number>
}

export interface Delivery {
  body: Buffer
  routingKey: string
  redelivered: boolean
  /** `x-delivery-count` of quorum queues. */
  deliveryCount: number | undefined
  messageId: string | undefined
  /** Whether its channel still stands; once it is gone the broker redelivers, to whomever. */
  alive(): boolean
  /** False, without effect, if the delivery's channel is gone: the broker redelivers. */
  ack(): boolean
  reject(requeue: boolean): boolean
  nack(requeue: boolean): boolean
}

export interface ConsumeOptions {
  queue: QueueDeclaration
  bindings: { exchange: string; type: 'fanout' | 'direct'; routingKey: string }[]
  /** 0 = unlimited. */
  prefetch: number
  noAck: boolean
  /** `x-priority`; 0 = none. */
  priority?: number
  /** Gets one task at a time, while at least this many wait or nobody consumes. 0 = consumes. */
  backlogMin?: number
  onDelivery(delivery: Delivery): void
}

export interface Consumer {
  /** No new deliveries; what was delivered can still be settled. */
  cancel(): Promise<void>
  /** @param prefetch from now on; default as before. */
  resume(prefetch?: number): Promise<void>
  readonly active: boolean
}

/** Two connections: an alarm blocks each that publishes, and settling must go on. */
export interface Broker extends AsyncDisposable {
  publish(p: Publication, options: { confirmTimeoutMs: number; confirm?: boolean }): Promise<PublishOutcome>
  /** Declares and consumes, again after each reconnect. Does not wait: see `active`. */
  consume(options: ConsumeOptions): Promise<Consumer>
  /** Passive declare: exact at once. null = no such queue, or nobody to ask. */
  counts(queue: string): Promise<{ ready: number; consumers: number } | null>
  readonly state: {
    publishing: 'connected' | 'connecting'
    consuming: 'connected' | 'connecting'
    blocked: boolean
    lastError: string | undefined
  }
  /** After each connect of the consuming connection, once its consumers are back. */
  onReconnected(listener: () => void): void
}
