import type { ConsumerView, QueueView } from '../picture.ts'
import { deadLetterTargets, type Finding, isWorkQueue, placeOf, type Rule } from './rule.ts'

/** Consumers that hold what others could do, or what nobody does. Pure. */

/** Fewer waiting seconds are not worth a line. */
const HIDDEN_LEAST_MS = 10_000
const HIDDEN_LONG_MS = 30_000
/** Of unequal consumers: by how much the others are sooner. */
const SOONER = 2
const SILENT_MS = 60_000
/** The broker remembers ten minutes. A single task may take long. */
const SILENT_WITH_ONE_MS = 590_000
const TIMEOUT_DEFAULT_MS = 30 * 60_000

const each = (queues: readonly QueueView[], find: (consumer: ConsumerView, view: QueueView) => Finding[]) =>
  queues.flatMap(view => (view.queue.type === 'stream' ? [] : view.consumers.flatMap(consumer => find(consumer, view))))

const at = (consumer: ConsumerView, { queue }: QueueView) => ({ ...placeOf(queue), consumer: consumer.who })

const isUnlimited = ({ ackRequired, prefetch, sharedPrefetch = 0 }: ConsumerView) => ackRequired && prefetch === 0 && sharedPrefetch === 0

const holds = ({ held, acksPerSecond, hiddenWaitMs, hiddenWaitWithinMs, prefetch, product }: ConsumerView) => ({
  held,
  acksPerSecond,
  hiddenWaitMs,
  hiddenWaitLowMs: hiddenWaitWithinMs?.[0],
  hiddenWaitHighMs: hiddenWaitWithinMs?.[1],
  prefetch,
  product,
})

const unlimitedPrefetch: Rule = ({ queues, generation }) =>
  each(queues, (consumer, view) => {
    if (!isUnlimited(consumer)) return []
    const { unackedBytes } = view.queue
    // 4.0 to 4.2 do not tell whether a channel has a limit of its own.
    const mayBeShared = generation >= 4 && generation < 4.03
    const level = (consumer.held ?? 0) > 1 ? 'now' : 'risk'
    return [{ code: 'unlimited-prefetch', level, where: at(consumer, view), evidence: { ...holds(consumer), unackedBytes, mayBeShared } }]
  }).toSorted((a, b) => Number(b.evidence['held'] ?? 0) - Number(a.evidence['held'] ?? 0))

/** A consumer's last task waits at least twice as long as at another's. */
function sooner(consumer: ConsumerView, { consumers }: QueueView): ConsumerView | undefined {
  const others = consumers.filter(({ active, hiddenWaitMs }) => active && hiddenWaitMs !== undefined)
  const best = others.toSorted((a, b) => (a.hiddenWaitMs ?? 0) - (b.hiddenWaitMs ?? 0))[0]
  if (best === undefined || best === consumer) return undefined
  return SOONER * (best.hiddenWaitMs ?? 0) <= (consumer.hiddenWaitMs ?? 0) ? best : undefined
}

const hoarding: Rule = ({ queues }) =>
  each(queues, (consumer, view) => {
    const { hiddenWaitMs = 0 } = consumer
    const other = sooner(consumer, view)
    if (hiddenWaitMs < HIDDEN_LEAST_MS || other === undefined) return []
    const evidence = {
      ...holds(consumer),
      other: other.who,
      otherWaitMs: other.hiddenWaitMs,
      otherHeld: other.held,
      ready: view.queue.ready,
    }
    return [{ code: 'hoarding', level: 'now', where: at(consumer, view), evidence }]
  })

const hiddenWait: Rule = ({ queues }) =>
  each(queues, (consumer, view) => {
    const { hiddenWaitMs = 0 } = consumer
    if (hiddenWaitMs < HIDDEN_LONG_MS || isUnlimited(consumer) || view.consumers.some(one => sooner(one, view) !== undefined)) return []
    return [{ code: 'hidden-wait', level: 'now', where: at(consumer, view), evidence: { ...holds(consumer), ready: view.queue.ready } }]
  })

const stuckConsumer: Rule = ({ queues }) =>
  each(queues, (consumer, view) => {
    const { held = 0, silentMs = 0 } = consumer
    const long = held > 1 ? silentMs >= SILENT_MS : held === 1 && silentMs >= SILENT_WITH_ONE_MS
    if (!long || isLoop(view)) return []
    return [{ code: 'stuck-consumer', level: 'now', where: at(consumer, view), evidence: { ...holds(consumer), silentMs } }]
  })

/** 4.3 has a timeout on quorum queues alone. https://www.rabbitmq.com/docs/consumers */
const heldTooLong: Rule = ({ queues, generation }) =>
  each(queues, (consumer, view) => {
    const { held = 0, acksPerSecond = 0 } = consumer
    if (held < 2 || acksPerSecond === 0 || (generation >= 4.03 && view.queue.type !== 'quorum')) return []
    const declared = view.queue.arguments['x-consumer-timeout']
    const known = consumer.timeoutMs ?? (typeof declared === 'number' ? declared : undefined)
    const timeoutMs = known ?? TIMEOUT_DEFAULT_MS
    const heldMs = (1_000 * held) / acksPerSecond
    if (heldMs <= timeoutMs) return []
    const evidence = { ...holds(consumer), heldMs, timeoutMs, assumed: known === undefined }
    return [{ code: 'held-too-long', level: 'now', where: at(consumer, view), evidence }]
  })

const globalPrefetch: Rule = ({ queues }) =>
  each(queues, (consumer, view) => {
    const { sharedPrefetch = 0, held, product } = consumer
    return sharedPrefetch > 0
      ? [{ code: 'global-prefetch', level: 'risk', where: at(consumer, view), evidence: { sharedPrefetch, held, product } }]
      : []
  })

/** KEDA over amqp counts ready alone: https://keda.sh/docs/latest/scalers/rabbitmq-queue/ */
const scalerBlind: Rule = ({ queues }) =>
  queues.flatMap(({ queue, consumers, hidden, longestHiddenMs }) => {
    const { ready = 0, unacked = hidden } = queue
    if (ready > consumers.length || hidden < 2 * consumers.length || longestHiddenMs < HIDDEN_LEAST_MS) return []
    return [{ code: 'scaler-blind', level: 'risk', where: placeOf(queue), evidence: { ready, unacked, hidden, longestHiddenMs } }]
  })

const LOOP_PER_SECOND = 1
function isLoop({ queue: { perSecond } }: QueueView): boolean {
  const { redeliver = 0, deliver = 0, ack = 0 } = perSecond
  return redeliver >= LOOP_PER_SECOND && redeliver >= deliver / 2 && redeliver > 2 * ack
}

const requeueLoop: Rule = ({ queues, generation }) =>
  queues.filter(isLoop).map(({ queue }) => {
    const { redeliver, ack } = queue.perSecond
    const declared = queue.arguments['x-delivery-limit']
    const limit = queue.deliveryLimit ?? (typeof declared === 'number' && declared > 0 ? declared : undefined)
    const evidence = { redeliveriesPerSecond: redeliver, acksPerSecond: ack, type: queue.type, generation, limit }
    return { code: 'requeue-loop', level: 'now', where: placeOf(queue), evidence }
  })

/** A wait of a minute, and a fifth more comes than goes. */
const BACKLOG_MS = 60_000
const OVERLOAD = 1.2
const growing: Rule = ({ queues }) =>
  queues.flatMap(({ queue, consumers }) => {
    const { ready = 0, perSecond, growthPerSecond = 0 } = queue
    const { ack = 0, publish = 0 } = perSecond
    if (consumers.length === 0 || growthPerSecond <= 0 || publish < OVERLOAD * ack || ready * 1_000 < BACKLOG_MS * ack || ready < 2)
      return []
    const evidence = {
      ready,
      growthPerSecond,
      publishedPerSecond: publish,
      acksPerSecond: ack,
      waitMs: ack > 0 ? (1_000 * ready) / ack : undefined,
    }
    return [{ code: 'growing', level: 'now', where: placeOf(queue), evidence }]
  })

/** A dead-letter queue and a delay queue are meant to have none. */
const noConsumers: Rule = ({ queues, snapshot }) => {
  const isTarget = deadLetterTargets(snapshot)
  return queues.flatMap(({ queue }) => {
    const { ready = 0, consumers, arguments: declared } = queue
    const isDelay = declared['x-message-ttl'] !== undefined && declared['x-dead-letter-exchange'] !== undefined
    if (ready === 0 || consumers !== 0 || !isWorkQueue(queue) || isDelay || isTarget(queue)) return []
    const { growthPerSecond } = queue
    return [{ code: 'no-consumers', level: 'now', where: placeOf(queue), evidence: { ready, growthPerSecond } }]
  })
}

export const holdingRules: readonly Rule[] = [
  unlimitedPrefetch,
  hoarding,
  hiddenWait,
  stuckConsumer,
  heldTooLong,
  requeueLoop,
  growing,
  noConsumers,
  globalPrefetch,
  scalerBlind,
]
