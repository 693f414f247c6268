import { z } from 'zod'

/** What the management API answers, as far as it is read. Generations and settings differ in which
 *  fields there are, and an empty object may come as []: what is missing is undefined. */

/** rabbitmq-management#5 and #424: `message_stats: []`, `arguments: []`. */
const orEmpty = <T extends z.ZodType>(type: T) => z.preprocess(value => (Array.isArray(value) || value === null ? {} : (value ?? {})), type)
const optional = <T extends z.ZodType>(type: T) => z.preprocess(value => value ?? undefined, type.optional()).catch(undefined)
const count = optional(z.number().nonnegative())
const text = optional(z.string())
const flag = z.boolean().catch(false)

const Sample = z.object({ sample: z.number(), timestamp: z.number() })
export type Sample = z.infer<typeof Sample>
const Details = optional(z.object({ rate: optional(z.number()), samples: optional(z.array(Sample)) }))
const Stats = orEmpty(
  z.object({
    publish: count,
    ack_details: Details,
    deliver_details: Details,
    redeliver_details: Details,
    publish_details: Details,
    drop_unroutable_details: Details,
  }),
)
export type Stats = z.infer<typeof Stats>

const Scalars = orEmpty(z.record(z.string(), z.unknown())).transform(all =>
  Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) =>
      typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? [[name, value]] : [],
    ),
  ),
)

export const Overview = z.object({
  rabbitmq_version: text,
  product_version: text,
  management_version: z.string(),
  rates_mode: text,
  disable_stats: flag,
  object_totals: orEmpty(z.object({ channels: count, connections: count, consumers: count, queues: count })),
})

export const Node = z.object({
  name: z.string(),
  running: z.boolean().catch(true),
  mem_alarm: optional(z.boolean()),
  disk_free_alarm: optional(z.boolean()),
  mem_used: count,
  mem_limit: count,
  disk_free: count,
  disk_free_limit: count,
  partitions: z.array(z.unknown()).catch([]),
})

export const Queue = z.object({
  vhost: z.string(),
  name: z.string(),
  type: z.string().catch('classic'),
  durable: z.boolean().catch(true),
  exclusive: flag,
  auto_delete: flag,
  arguments: Scalars,
  effective_policy_definition: z.preprocess(value => value ?? undefined, Scalars.optional()),
  messages_ready: count,
  messages_unacknowledged: count,
  message_bytes_unacknowledged: count,
  messages: count,
  messages_persistent: count,
  consumers: count,
  delivery_limit: optional(z.union([z.number(), z.literal('unlimited')])),
  members: optional(z.array(z.unknown())),
  messages_details: Details,
  message_stats: Stats,
})

export const Channel = z.object({
  name: z.string(),
  connection_details: orEmpty(z.object({ name: z.string().catch('') })),
  consumer_count: z.number().catch(0),
  messages_unacknowledged: z.number().catch(0),
  global_prefetch_count: count,
  message_stats: Stats,
})

export const Consumer = z.object({
  queue: z.object({ vhost: z.string(), name: z.string() }),
  consumer_tag: z.string(),
  channel_details: orEmpty(z.object({ name: z.string().catch('') })),
  ack_required: z.boolean(),
  prefetch_count: z.number().catch(0),
  active: z.boolean().catch(true),
  consumer_timeout: count,
})

export const Connection = z.object({
  name: z.string(),
  user: z.string().catch(''),
  user_provided_name: text,
  client_properties: orEmpty(z.object({ connection_name: text, product: text, platform: text })),
  peer_host: text,
  state: z.string().catch('running'),
  timeout: count,
})

export const Exchange = z.object({ vhost: z.string(), name: z.string(), type: z.string() })
export const Binding = z.object({ vhost: z.string(), source: z.string(), destination: z.string(), routing_key: z.string().catch('') })
export const Deprecated = z.object({ name: z.string() })
