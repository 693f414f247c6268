import { z } from 'zod'

/** What was seen of a broker at one time: data alone, so that it can be stored, masked and sent. */

const Count = z.number().nonnegative()
const Name = z.string()
const Arguments = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))

/** Per second, by what the broker remembers (up to ten minutes). Undefined: it has no history. */
const Rates = z.object({
  ack: z.number().optional(),
  /** Acks from which `ack` was taken. Undefined: it is the broker's own rate. */
  ackEvents: z.number().optional(),
  deliver: z.number().optional(),
  redeliver: z.number().optional(),
  publish: z.number().optional(),
  /** Published, confirmed and dropped: no queue was bound. */
  dropUnroutable: z.number().optional(),
})
export type Rates = z.infer<typeof Rates>

const QueueSeen = z.object({
  vhost: Name,
  name: Name,
  type: z.string(),
  durable: z.boolean(),
  exclusive: z.boolean(),
  autoDelete: z.boolean(),
  /** Of its declaration, over those of its policies. */
  arguments: Arguments,
  /** False: a policy may add to them. */
  policySeen: z.boolean().default(true),
  /** Undefined: not shown. */
  ready: Count.optional(),
  unacked: Count.optional(),
  unackedBytes: Count.optional(),
  /** Of those that the queue has. */
  persistent: Count.optional(),
  consumers: Count.optional(),
  /** In force, by argument, policy or default; 4.0 and later tell it. */
  deliveryLimit: z.union([z.number(), z.literal('unlimited')]).optional(),
  replicas: Count.optional(),
  perSecond: Rates,
  /** By how much it grows, over the history. */
  growthPerSecond: z.number().optional(),
})
export type QueueSeen = z.infer<typeof QueueSeen>

const ChannelSeen = z.object({
  name: Name,
  connection: Name,
  consumers: Count,
  unacked: Count,
  /** Shared by all its consumers; 0 = none. 4.0 and later do not tell it. */
  sharedPrefetch: Count.optional(),
  perSecond: Rates,
  /** How long it has acked nothing of what it holds, as far back as the history goes. */
  silentMs: Count.optional(),
  published: Count.optional(),
})
export type ChannelSeen = z.infer<typeof ChannelSeen>

const ConsumerSeen = z.object({
  vhost: Name,
  queue: Name,
  tag: Name,
  channel: Name,
  ackRequired: z.boolean(),
  /** 0 = unlimited, or limited by the channel alone. */
  prefetch: Count,
  /** False: a single active consumer stands before it. */
  active: z.boolean(),
  timeoutMs: Count.optional(),
})
export type ConsumerSeen = z.infer<typeof ConsumerSeen>

const ConnectionSeen = z.object({
  name: Name,
  /** As its program calls itself. */
  client: Name.optional(),
  user: Name,
  /** Library and platform: `amqplib Node.JS v24`, `RabbitMQ Java`, `py-amqp Python` … */
  product: z.string().optional(),
  fromLoopback: z.boolean(),
  state: z.string(),
  /** 0 = off. */
  heartbeatSeconds: Count.optional(),
})
export type ConnectionSeen = z.infer<typeof ConnectionSeen>

const NodeSeen = z.object({
  name: Name,
  running: z.boolean(),
  memoryAlarm: z.boolean().optional(),
  diskAlarm: z.boolean().optional(),
  memoryBytes: Count.optional(),
  memoryLimitBytes: Count.optional(),
  diskFreeBytes: Count.optional(),
  diskFreeLimitBytes: Count.optional(),
  partitions: Count,
})

/** What the broker has and did not show. */
export const PARTS = [
  'nodes',
  'queues',
  'policies',
  'channels',
  'consumers',
  'connections',
  'exchanges',
  'bindings',
  'deprecated-features',
  'rates',
] as const
export type PartName = (typeof PARTS)[number]
const Unseen = z.object({
  what: z.enum(PARTS),
  why: z.enum(['stats-disabled', 'no-rights', 'not-offered', 'too-large', 'no-answer', 'part-of-it', 'no-history']),
  seen: Count.optional(),
  of: Count.optional(),
})
export type Unseen = z.infer<typeof Unseen>

export const Snapshot = z.object({
  kind: z.literal('prefetch-lab broker snapshot'),
  schemaVersion: z.literal(1),
  takenAt: z.string(),
  tookMs: Count,
  requests: Count,
  version: z.string(),
  masked: z.boolean(),
  unseen: z.array(Unseen),
  nodes: z.array(NodeSeen),
  queues: z.array(QueueSeen),
  channels: z.array(ChannelSeen),
  consumers: z.array(ConsumerSeen),
  connections: z.array(ConnectionSeen),
  exchanges: z.array(z.object({ vhost: Name, name: Name, type: z.string() })),
  /** Of exchanges that have a name. */
  bindings: z.array(z.object({ vhost: Name, source: Name, destination: Name, routingKey: z.string() })),
  deprecated: z.array(z.string()),
})
export type Snapshot = z.infer<typeof Snapshot>
