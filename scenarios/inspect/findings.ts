import { generationOf } from './generation.ts'
import { pictureOf, type QueueView } from './picture.ts'
import { brokerRules } from './rules/broker.ts'
import { holdingRules } from './rules/holding.ts'
import { losingRules } from './rules/losing.ts'
import type { Finding, Looked } from './rules/rule.ts'
import type { PartName, Snapshot } from './snapshot.ts'

/** What is wrong with a broker, as data; words are made in reports/inspect. Pure. */

const RULES = [...holdingRules, ...brokerRules, ...losingRules]

export interface Inspected {
  snapshot: Snapshot
  queues: QueueView[]
  findings: Finding[]
  verdict: 'findings' | 'nothing-found' | 'unknown'
}

/** Without one of these, that nothing was found does not mean much. */
const NEEDED: readonly PartName[] = ['queues', 'channels', 'consumers', 'rates']

/** Harm that is done now comes first, then in the order of the rules. */
export function inspected(snapshot: Snapshot): Inspected {
  const queues = pictureOf(snapshot)
  const looked: Looked = { snapshot, queues, generation: generationOf(snapshot.version) }
  const findings = RULES.flatMap(rule => rule(looked))
  return {
    snapshot,
    queues,
    findings: findings.toSorted((a, b) => Number(a.level === 'risk') - Number(b.level === 'risk')),
    verdict: findings.length > 0 ? 'findings' : snapshot.unseen.some(({ what }) => NEEDED.includes(what)) ? 'unknown' : 'nothing-found',
  }
}
