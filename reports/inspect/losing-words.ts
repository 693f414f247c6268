import type { FindingCode } from '../../scenarios/inspect/rules/rule.ts'
import { ACK_LINES, PERSISTENT_LINES } from './fixes.ts'
import { ms, policy, type Say, tasks } from './phrases.ts'

/** Words for queues and consumers that lose messages. Pure. */
export const LOSING_WORDS = {
  'automatic-ack': v => ({
    says: `${v['consumer']} consumes ${v['queue']} with automatic ack`,
    means: 'A message counts as done when it is sent. A crash loses all that the consumer had, and no prefetch limits that.',
    fix: ACK_LINES,
    see: 'confirms#acknowledgement-modes',
  }),
  'no-delivery-limit': v => ({
    says: `${v['queue']} is a quorum queue without a delivery limit`,
    means:
      Number(v['generation']) < 4
        ? 'A message that nobody can do comes back for ever. After an upgrade to 4.0 the limit is 20, and drops it where there is no dead-letter exchange.'
        : 'A message that nobody can do comes back for ever.',
    fix: policy(v['queue'], { 'delivery-limit': 5, 'dead-letter-exchange': 'dead' }),
    see: 'quorum-queues#poison-message-handling',
  }),
  'no-dead-letter': v => ({
    says: `${v['queue']} drops a message after ${v['limit']} redeliveries${v['isDefault'] === true ? ' (the default from 4.0 on)' : ''}: it has no dead-letter exchange`,
    means: 'A task that fails too often is gone, without a trace.',
    fix: policy(v['queue'], { 'dead-letter-exchange': 'dead' }),
    see: 'dlx',
  }),
  'dead-letter-nowhere': v => ({
    says: `${v['queue']} dead-letters to ${v['exchange'] === '' ? `the queue ${v['key']}` : v['exchange']}, ${v['why'] === 'unbound' ? 'to which no queue is bound' : 'which does not exist'}`,
    means: 'What is dead-lettered is dropped in silence.',
    fix: 'declare a queue for them and bind it to that exchange',
    see: 'dlx',
  }),
  'length-drops': v => ({
    says: `${v['queue']} drops its oldest messages above ${v['maxMessages'] ?? `${v['maxBytes']} bytes`}${v['maxMessages'] === undefined ? '' : ' messages'}`,
    means: 'Publishers are not told: each is confirmed. Those who waited longest lose.',
    fix: policy(v['queue'], { overflow: 'reject-publish' }),
    see: 'maxlength#overflow-behaviour',
  }),
  'ttl-drops': v => ({
    says: `${v['queue']} drops what has waited ${ms(v['ttlMs'])}`,
    means: 'Without a dead-letter exchange nobody learns of it.',
    fix: policy(v['queue'], { 'dead-letter-exchange': 'expired' }),
    see: 'ttl',
  }),
  'transient-queue': v => ({
    says: `${v['queue']} is transient and not exclusive`,
    means: `It is gone after a restart of its node, with all in it${Number(v['generation']) >= 4.03 ? '' : '; 4.3 lists such queues as refused'}.`,
    fix: 'declare it durable; with x-expires if it is to go when unused',
    see: 'queues#durability',
  }),
  'transient-messages': v => ({
    says: `${v['transient']} of ${tasks(v['messages'])} in ${v['queue']} are transient`,
    means: 'The queue survives a restart, these do not.',
    fix: PERSISTENT_LINES,
    see: 'persistence-conf',
  }),
} satisfies Partial<Record<FindingCode, Say>>
