import { shellWord } from '#evidence/typed'
import type { FindingCode } from '../../scenarios/inspect/rules/rule.ts'
import { counted } from '../words.ts'
import { CONNECTION_LINES, HEARTBEAT_LINES, MANDATORY_LINES } from './fixes.ts'
import { mib, rate, type Say } from './phrases.ts'

/** Words for nodes, connections and upgrades. Pure. */
export const BROKER_WORDS = {
  'memory-alarm': v => ({
    says: `${v['node']} is in its memory alarm: ${mib(v['memoryBytes'])} of ${mib(v['memoryLimitBytes'])}`,
    means: 'Every connection that publishes is blocked, its acks too. Unacked messages are the usual cause: see who holds most.',
    fix: 'rabbitmq-diagnostics memory_breakdown',
    see: 'memory',
  }),
  'disk-alarm': v => ({
    says: `${v['node']} is in its disk alarm: ${mib(v['diskFreeBytes'])} free, ${mib(v['diskFreeLimitBytes'])} needed`,
    means: 'Every connection that publishes is blocked until there is room.',
    fix: 'df -h   # on the node',
    see: 'disk-alarms',
  }),
  partition: v => ({
    says: `${v['node']} sees ${counted(Number(v['partitions']), 'node')} on the other side of a partition`,
    means: 'Both sides may have gone on alone; what they hold can differ.',
    fix: 'rabbitmqctl cluster_status',
    see: 'partitions',
  }),
  'blocked-connection': v => ({
    says: `${v['connection']} is ${v['state']}`,
    means: 'An alarm holds its publishes back. Users see a service that hangs.',
    fix: 'answer the alarm first: rabbitmq-diagnostics alarms',
    see: 'connection-blocked',
  }),
  'one-connection': v => ({
    says: `${v['connection']} publishes (${v['published']}) and consumes (${counted(Number(v['consumers']), 'consumer')}) on one connection${v['isBlocked'] === true ? ', and is blocked now' : ''}`,
    means: 'A memory or disk alarm blocks the whole connection: it can then ack nothing, and the queue that fills the memory cannot drain.',
    fix: CONNECTION_LINES,
    see: 'alarms',
  }),
  'no-heartbeat': v => ({
    says: `${v['connection']} has its heartbeat off`,
    means: 'When its network dies, the broker keeps it for hours, with all that it holds.',
    fix: HEARTBEAT_LINES,
    see: 'heartbeats',
  }),
  'guest-outside': v => ({
    says: `guest is in use from another machine (${v['connection']}; ${counted(Number(v['connections']), 'connection')} in all)`,
    means: 'It may do everything, and its usual password is known to everybody.',
    fix: "rabbitmqctl add_user NAME; rabbitmqctl set_permissions NAME '^$' '^orders$' '^orders$'; rabbitmqctl delete_user guest",
    see: 'access-control#default-state',
  }),
  unroutable: v => ({
    says: `${v['connection']} publishes ${rate(v['droppedPerSecond'])} that no queue is bound to`,
    means: 'They are dropped, and confirmed all the same.',
    fix: MANDATORY_LINES,
    see: 'publishers#unroutable',
  }),
  mirrored: v => ({
    says: `${v['queue']} is a mirrored classic queue (ha-mode ${v['mode']})`,
    means: '4.0 removed mirroring: after the upgrade it has one copy.',
    fix: 'declare it anew with x-queue-type quorum, and move the messages with a shovel',
    see: 'migrate-mcq-to-qq',
  }),
  'single-replica': v => ({
    says: `${v['queue']} is a quorum queue with one replica among ${v['nodes']} nodes`,
    means: 'It is away while that node is, and lost with its disk.',
    fix: `rabbitmq-queues grow NODE all --queue-pattern ${shellWord(`^${String(v['queue'])}$`)}`,
    see: 'quorum-queues#replica-management',
  }),
  'deprecated-feature': v => ({
    says: `${v['feature']} is in use and deprecated (${v['version']})`,
    means: 'A later version refuses it.',
    fix: 'rabbitmqctl list_deprecated_features --used',
    see: 'deprecated-features',
  }),
} satisfies Partial<Record<FindingCode, Say>>
