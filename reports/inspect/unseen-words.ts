import type { Unseen } from '../../scenarios/inspect/snapshot.ts'

/** What a look could not see, and what therefore is not known. Pure. */

const WHY: Readonly<Record<Unseen['why'], string>> = {
  'stats-disabled': 'the broker has its statistics off (management.disable_stats)',
  'no-rights': "this user may not see them (rabbitmqctl set_permissions -p VHOST USER '^$' '^$' '^$' lets it look)",
  'not-offered': 'this broker does not offer them',
  'too-large': 'the list is too long',
  'no-answer': 'they did not come in time',
  'part-of-it': 'only those that hold most were read',
  'no-history': 'the broker keeps no rates (rates_mode none)',
}

const THEN: Readonly<Record<Unseen['what'], string>> = {
  nodes: 'alarms are not known',
  queues: 'nothing is known of the rest',
  policies: 'limits, dead-letter exchanges and mirrors are not judged',
  channels: 'who holds how much is not known',
  consumers: 'prefetch and ack mode are not known',
  connections: 'names, heartbeats and blocked connections are not known',
  exchanges: 'a dead-letter exchange may be missing',
  bindings: 'a dead-letter exchange may lead nowhere',
  'deprecated-features': 'an upgrade may refuse what is in use',
  rates: 'waits, loops and growth are not known',
}

export function unseenWords({ what, why, seen, of }: Unseen): string {
  const part = seen === undefined ? '' : ` (${seen} of ${of})`
  return `${what.replace('-', ' ')}: ${WHY[why]}${part}, so ${THEN[what]}`
}
