import { KEDA_DEFAULTS } from '#evidence/autoscaler'
import type { FindingCode } from '../../scenarios/inspect/rules/rule.ts'
import { askedWords } from '../autoscaler-words.ts'
import { ACK_LINES, GIVE_UP_LINES, prefetchLines, REJECT_LINES } from './fixes.ts'
import { holds, mib, ms, policy, prefetchFor, rate, type Say, tasks } from './phrases.ts'

/** Words for consumers that hold too much, and of queues that stand still. Pure. */
export const HOLDING_WORDS = {
  'unlimited-prefetch': v => ({
    says: `${v['consumer']} takes without limit from ${v['queue']} (prefetch 0): ${holds(v)}${Number(v['unackedBytes']) >= 2 ** 20 ? `, ${mib(v['unackedBytes'])} at the broker` : ''}`,
    means: `Whatever is published is pushed to it. What it holds stays in the broker's memory until it acks, and slows or blocks all publishers at the memory alarm.${v['mayBeShared'] === true ? ' RabbitMQ 4.0 to 4.2 does not show a prefetch that a whole channel shares: if it has one, this is not unlimited.' : ''}`,
    fix: prefetchLines(prefetchFor(v)),
    see: 'consumer-prefetch',
  }),
  hoarding: v => ({
    says: `${v['consumer']} ${holds(v)} on ${v['queue']}; at ${v['other']} the last one waits ${ms(v['otherWaitMs'])}. Set its prefetch to ${prefetchFor(v)}`,
    means:
      'Delivery is round robin and blind to speed: what the slow one holds, the fast one cannot take. Those tasks count as unacked, not as ready.',
    fix: prefetchLines(prefetchFor(v)),
    see: 'consumer-prefetch',
  }),
  'hidden-wait': v => ({
    says: `${v['consumer']} ${holds(v)} on ${v['queue']}, with ${v['ready']} ready. Set its prefetch to ${prefetchFor(v)}`,
    means: 'People wait in its buffer, where no dashboard counts them and no second consumer can help.',
    fix: prefetchLines(prefetchFor(v)),
    see: 'consumer-prefetch',
  }),
  'stuck-consumer': v => ({
    says: `${v['consumer']} holds ${tasks(v['held'])} of ${v['queue']} and has acked none for ${ms(v['silentMs'])} or longer`,
    means: 'It hangs, or forgets to ack. The messages come back only when its channel closes, or at the consumer timeout.',
    fix: ACK_LINES,
    see: 'consumers#acknowledgement-timeout',
  }),
  'held-too-long': v => ({
    says: `${v['consumer']} acks the last of its ${tasks(v['held'])} in ${ms(v['heldMs'])}; the consumer timeout is ${ms(v['timeoutMs'])}${v['assumed'] === true ? ' by default (this version does not show it)' : ''}`,
    means:
      'At the timeout the channel is closed, or the consumer cancelled, and all that it holds is delivered again, finished work included.',
    fix: prefetchLines(prefetchFor(v)),
    see: 'consumers#acknowledgement-timeout',
  }),
  'global-prefetch': v => ({
    says: `${v['consumer']} shares a prefetch of ${v['sharedPrefetch']} with its whole channel (basic.qos global)`,
    means: 'Quorum queues refuse it, it costs the broker more, and 4.3 applies it to each consumer instead, so that the limit multiplies.',
    fix: { ...prefetchLines(1), amqplib: 'await channel.prefetch(1)   // no second argument' },
    see: 'consumer-prefetch',
  }),
  'scaler-blind': v => ({
    says: `${v['queue']} shows ${v['ready']} ready; ${tasks(v['hidden'])} wait in buffers, the last about ${ms(v['longestHiddenMs'])}`,
    means: `An alert on ready messages sees an empty queue. So does KEDA: at ${KEDA_DEFAULTS.value} messages a replica it asks for ${askedWords(Number(v['ready']), Number(v['unacked']))}. What http adds finds nothing to take: only ready messages can go to a new worker.`,
    fix: 'prefetch 1 makes them ready again: then both count them, and a new worker can take them',
    see: 'https://keda.sh/docs/latest/scalers/rabbitmq-queue/',
  }),
  'requeue-loop': v => ({
    says: `${v['queue']} delivers the same messages again, ${rate(v['redeliveriesPerSecond'])}, against ${rate(v['acksPerSecond'])} acked`,
    means:
      v['type'] !== 'quorum'
        ? 'A classic queue never counts: on no version does the loop end. Count the attempts, then reject without requeue.'
        : Number(v['generation']) >= 4.03
          ? 'From 4.3 on a nack is never counted, so no limit ends the loop. A reject is counted.'
          : v['limit'] === undefined
            ? 'The queue has no delivery limit, so nothing ends the loop.'
            : `Each message ends after ${v['limit']} deliveries, and takes the place of others until then.`,
    fix:
      v['type'] !== 'quorum'
        ? GIVE_UP_LINES
        : Number(v['generation']) >= 4.03
          ? REJECT_LINES
          : policy(v['queue'], { 'delivery-limit': 5, 'dead-letter-exchange': 'dead' }),
    see: v['type'] === 'quorum' ? 'quorum-queues#poison-message-handling' : 'nack',
  }),
  growing: v => ({
    says: `${v['queue']} has ${v['ready']} ready and grows by ${rate(v['growthPerSecond'])}: ${rate(v['publishedPerSecond'])} come, ${rate(v['acksPerSecond'])} are acked${v['waitMs'] === undefined ? '' : `. Who comes now waits ${ms(v['waitMs'])}`}`,
    means: 'The consumers cannot keep up. No prefetch helps; another consumer does, or a length that refuses.',
    fix: policy(v['queue'], { 'max-length': 1_000, overflow: 'reject-publish' }),
    see: 'maxlength',
  }),
  'no-consumers': v => ({
    says: `${v['queue']} has ${v['ready']} ready and no consumer`,
    means: 'Nobody takes them: a worker is down, or consumes another name or virtual host.',
    fix: 'rabbitmqctl list_consumers queue_name channel_pid   # and start the worker',
    see: 'consumers',
  }),
} satisfies Partial<Record<FindingCode, Say>>
