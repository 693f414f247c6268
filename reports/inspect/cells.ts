import type { Inspected } from '../../scenarios/inspect/findings.ts'
import type { ConsumerView } from '../../scenarios/inspect/picture.ts'
import type { QueueSeen } from '../../scenarios/inspect/snapshot.ts'
import { spoken } from '../demo/text.ts'
import { figure } from '../words.ts'

/** What text, page and live picture say alike. Pure. */

export const METHOD =
  'hidden wait: until a consumer begins the last message that it holds, estimated from what it holds and how fast it acks (Little), one at a time.'

export function headline({ findings, verdict }: Inspected): { word: string; rest: string; harm: boolean } {
  if (verdict === 'nothing-found') return { word: 'NOTHING FOUND', rest: '', harm: false }
  if (verdict === 'unknown') return { word: 'UNKNOWN', rest: ': nothing was found in what could be seen', harm: false }
  const now = findings.filter(({ level }) => level === 'now').length
  const word = findings.length === 1 ? '1 FINDING' : `${findings.length} FINDINGS`
  return { word, rest: now === 0 ? ', no harm yet' : `, ${now} of them with harm now`, harm: now > 0 }
}

export const shownNumber = (value: number | undefined) =>
  value === undefined ? '?' : figure(value < 10 ? Math.round(value * 100) / 100 : Math.round(value))

export const shownQueue = ({ vhost, name }: Pick<QueueSeen, 'vhost' | 'name'>) => (vhost === '/' ? name : `${vhost} ${name}`)

export function shownPrefetch({ ackRequired, prefetch, sharedPrefetch = 0 }: ConsumerView): string {
  if (!ackRequired) return 'automatic'
  if (prefetch > 0) return String(prefetch)
  return sharedPrefetch > 0 ? `${sharedPrefetch} shared` : 'unlimited'
}

/** Empty where nobody waits in its buffer. */
export function shownWait({
  held = 0,
  hiddenWaitMs,
  hiddenWaitWithinMs,
}: Pick<ConsumerView, 'held' | 'hiddenWaitMs' | 'hiddenWaitWithinMs'>): string {
  if (hiddenWaitMs === undefined) return held > 1 ? 'unknown' : ''
  if (hiddenWaitWithinMs !== undefined) return hiddenWaitWithinMs.map(spoken).join(' to ')
  return hiddenWaitMs > 0 ? spoken(hiddenWaitMs) : ''
}
