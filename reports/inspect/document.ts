import type { Inspected } from '../../scenarios/inspect/findings.ts'
import type { ConsumerView } from '../../scenarios/inspect/picture.ts'
import { unseenWords } from './unseen-words.ts'
import { said } from './words.ts'

/** A look as JSON: the data of each finding beside its words. Pure. */
export function inspectedDocument({ snapshot, queues, findings, verdict }: Inspected): object {
  const { version, takenAt, tookMs, requests, unseen } = snapshot
  return {
    schemaVersion: 1,
    broker: { version },
    takenAt,
    tookMs,
    requests,
    verdict,
    findings: findings.map(finding => ({ ...finding, ...said(finding) })),
    queues: queues.map(({ queue, consumers, hidden, longestHiddenMs }) => ({
      ...queue,
      hidden,
      longestHiddenMs,
      consumers: consumers.map(consumerDocument),
    })),
    unseen: unseen.map(one => ({ ...one, words: unseenWords(one) })),
  }
}

function consumerDocument({
  who,
  tag,
  channel,
  prefetch,
  sharedPrefetch,
  ackRequired,
  active,
  held,
  acksPerSecond,
  hiddenWaitMs,
  hiddenWaitWithinMs,
}: ConsumerView) {
  return { name: who, tag, channel, prefetch, sharedPrefetch, ackRequired, active, held, acksPerSecond, hiddenWaitMs, hiddenWaitWithinMs }
}
