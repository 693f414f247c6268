import { generationOf } from './generation.ts'
import { pictureOf, type QueueView } from './picture.ts'
import { brokerRules } from './rules/broker.ts'
import { holdingRules } from './rules/holding.ts'
import { losingRules } from './rules/losing.ts'
import type { Finding, Looked } from './rules/rule.ts'
import type { Snapshot } from './snapshot.ts'

/** What is wrong with a broker, as data; words are made in reports/inspect. Pure. */

const RULES = [...holdingRules, ...brokerRules, ...losingRules]

export interface Inspected {
  snapshot: Snapshot
  queues: QueueView[]
  findings: Finding[]
}

/** Harm that is done now comes first, then in the order of the rules. */
export function inspected(snapshot: Snapshot): Inspected {
  const queues = pictureOf(snapshot)
  const looked: Looked = { snapshot, queues, generation: generationOf(snapshot.version) }
  const findings = RULES.flatMap(rule => rule(looked))
  return { snapshot, queues, findings: findings.toSorted((a, b) => Number(a.level === 'risk') - Number(b.level === 'risk')) }
}
