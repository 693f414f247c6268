import type { QueueView } from '../picture.ts'
import type { QueueSeen } from '../snapshot.ts'
import { deadLetterTargets, type Finding, type FindingCode, isWorkQueue, type Looked, placeOf, type Rule } from './rule.ts'

/** Queues and consumers that lose messages, now or at the next fault. Pure. */

const deadLetter = ({ arguments: declared }: QueueSeen) => declared['x-dead-letter-exchange']

type Find = (queue: QueueSeen, generation: number) => Finding['evidence'] | undefined

const eachWorkQueue = (
  find: Find,
  code: FindingCode,
  chosen: (looked: Looked) => (view: QueueView) => boolean = () => () => true,
): Rule => {
  return looked => {
    const isChosen = chosen(looked)
    return looked.queues.filter(isChosen).flatMap(({ queue }) => {
      const evidence = isWorkQueue(queue) && queue.policySeen ? find(queue, looked.generation) : undefined
      return evidence === undefined ? [] : [{ code, level: 'risk', where: placeOf(queue), evidence }]
    })
  }
}

/** Nothing is redelivered where dead letters lie until somebody looks. */
const redelivering = ({ snapshot }: Looked) => {
  const isTarget = deadLetterTargets(snapshot)
  return ({ queue, consumers }: QueueView) => consumers.length > 0 || !isTarget(queue)
}

const automaticAck: Rule = ({ queues }) =>
  queues.flatMap(({ queue, consumers }) =>
    isWorkQueue(queue)
      ? consumers
          .filter(({ ackRequired }) => !ackRequired)
          .map(({ who, product }) => ({
            code: 'automatic-ack',
            level: 'risk',
            where: { ...placeOf(queue), consumer: who },
            evidence: { deliveriesPerSecond: queue.perSecond.deliver, product },
          }))
      : [],
  )

/** The limit in force; undefined: none. Before 4.0 there is no default. */
function limitOf({ type, deliveryLimit, arguments: declared }: QueueSeen, generation: number): number | undefined {
  if (type !== 'quorum') return undefined
  if (deliveryLimit !== undefined) return deliveryLimit === 'unlimited' ? undefined : deliveryLimit
  const given = declared['x-delivery-limit']
  if (typeof given === 'number') return given >= 0 ? given : undefined
  return generation >= 4 ? 20 : undefined
}

const noDeliveryLimit = eachWorkQueue(
  (queue, generation) => {
    return queue.type === 'quorum' && limitOf(queue, generation) === undefined ? { generation } : undefined
  },
  'no-delivery-limit',
  redelivering,
)

const noDeadLetter = eachWorkQueue(
  (queue, generation) => {
    const limit = limitOf(queue, generation)
    return limit === undefined || deadLetter(queue) !== undefined
      ? undefined
      : { limit, isDefault: queue.arguments['x-delivery-limit'] === undefined, generation }
  },
  'no-dead-letter',
  redelivering,
)

const deadLetterNowhere: Rule = ({ queues, snapshot }) => {
  const isSeen = (what: string) => !snapshot.unseen.some(unseen => unseen.what === what)
  return queues.flatMap(({ queue }) => {
    const [target, { vhost }] = [deadLetter(queue), queue]
    if (typeof target !== 'string') return []
    const key = queue.arguments['x-dead-letter-routing-key']
    const here = <T extends { vhost: string }>(list: readonly T[]) => list.filter(one => one.vhost === vhost)
    const isMissing = isSeen('exchanges') && target !== '' && !here(snapshot.exchanges).some(({ name }) => name === target)
    const isUnbound = isSeen('bindings') && target !== '' && !here(snapshot.bindings).some(({ source }) => source === target)
    const isNoQueue = isSeen('queues') && target === '' && key !== undefined && !here(snapshot.queues).some(({ name }) => name === key)
    const why = isMissing ? 'missing' : isUnbound ? 'unbound' : isNoQueue ? 'no-queue' : undefined
    return why === undefined
      ? []
      : [
          {
            code: 'dead-letter-nowhere',
            level: 'risk',
            where: { ...placeOf(queue), exchange: target },
            evidence: { why, key: key?.toString() },
          },
        ]
  })
}

const lengthDrops = eachWorkQueue(queue => {
  const { arguments: declared } = queue
  const [length, bytes] = [declared['x-max-length'], declared['x-max-length-bytes']]
  const refuses = String(declared['x-overflow'] ?? '').startsWith('reject-publish')
  if ((length === undefined && bytes === undefined) || refuses || deadLetter(queue) !== undefined) return undefined
  const { ready } = queue
  return { maxMessages: length?.toString(), maxBytes: bytes?.toString(), ready }
}, 'length-drops')

const ttlDrops = eachWorkQueue(queue => {
  const ttl = queue.arguments['x-message-ttl']
  return typeof ttl === 'number' && deadLetter(queue) === undefined ? { ttlMs: ttl } : undefined
}, 'ttl-drops')

const transientQueue: Rule = ({ queues, generation }) =>
  queues
    .filter(({ queue }) => !queue.durable && !queue.exclusive)
    .map(({ queue }) => ({ code: 'transient-queue', level: 'risk', where: placeOf(queue), evidence: { generation, ready: queue.ready } }))

/** Quorum queues write every message; classic ones those that ask for it. */
const transientMessages = eachWorkQueue(queue => {
  const { type, persistent, ready = 0, unacked = 0 } = queue
  if (type !== 'classic' || persistent === undefined || persistent >= ready + unacked) return undefined
  return { transient: ready + unacked - persistent, messages: ready + unacked }
}, 'transient-messages')

export const losingRules: readonly Rule[] = [
  automaticAck,
  noDeliveryLimit,
  noDeadLetter,
  deadLetterNowhere,
  lengthDrops,
  ttlDrops,
  transientQueue,
  transientMessages,
]
