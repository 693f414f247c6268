import type { QueueView } from '../picture.ts'
import type { QueueSeen, Snapshot } from '../snapshot.ts'

export type FindingCode =
  | 'unlimited-prefetch'
  | 'hoarding'
  | 'hidden-wait'
  | 'stuck-consumer'
  | 'held-too-long'
  | 'global-prefetch'
  | 'scaler-blind'
  | 'requeue-loop'
  | 'growing'
  | 'no-consumers'
  | 'memory-alarm'
  | 'disk-alarm'
  | 'partition'
  | 'blocked-connection'
  | 'one-connection'
  | 'no-heartbeat'
  | 'guest-outside'
  | 'unroutable'
  | 'automatic-ack'
  | 'no-delivery-limit'
  | 'no-dead-letter'
  | 'dead-letter-nowhere'
  | 'length-drops'
  | 'ttl-drops'
  | 'transient-queue'
  | 'transient-messages'
  | 'mirrored'
  | 'single-replica'
  | 'deprecated-feature'

export interface Finding {
  code: FindingCode
  /** `now`: people wait or work is lost; `risk`: it takes one more fault. */
  level: 'now' | 'risk'
  where: Partial<Record<'vhost' | 'queue' | 'consumer' | 'connection' | 'node' | 'exchange' | 'feature', string>>
  /** Numbers and names as they were seen; times in milliseconds. */
  evidence: Record<string, number | string | boolean | undefined>
}

export interface Looked {
  snapshot: Snapshot
  queues: QueueView[]
  /** 3.1, 4, 4.03: `generation.ts`. */
  generation: number
}

/** Pure: what it found in a look. */
export type Rule = (looked: Looked) => Finding[]

type Place = Pick<QueueSeen, 'vhost' | 'name'>

export const placeOf = ({ vhost, name }: Place) => ({ vhost, queue: name })

/** One that somebody relies on: not of one connection, not a cache that may expire. */
export function isWorkQueue({ type, durable, exclusive, autoDelete, arguments: declared }: QueueSeen): boolean {
  return type !== 'stream' && durable && !exclusive && !autoDelete && declared['x-expires'] === undefined
}

/** Whether a queue takes what others dead-letter. */
export function deadLetterTargets({ queues, bindings }: Pick<Snapshot, 'queues' | 'bindings'>): (queue: Place) => boolean {
  const targets = new Set(
    queues.flatMap(({ vhost, arguments: declared }) => {
      const [exchange, key] = [declared['x-dead-letter-exchange'], declared['x-dead-letter-routing-key']]
      if (exchange === '') return [`${vhost}\n${key}`]
      return bindings.filter(b => b.vhost === vhost && b.source === exchange).map(b => `${vhost}\n${b.destination}`)
    }),
  )
  return ({ vhost, name }) => targets.has(`${vhost}\n${name}`)
}
