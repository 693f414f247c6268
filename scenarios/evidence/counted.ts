import { unserved } from './checks/served.ts'
import { eventsOf, type History } from './history.ts'
import { lateP99Ms } from './noise.ts'
import { askedPrompts } from './prompts.ts'

/** Counted, not judged: repairs that users never saw, and how late an open loop sent. */
export function countedMeasures(history: History): Record<string, number> {
  const counted = eventsOf(history, 'counted')
  const sum = (of: 'rawDuplicates' | 'gapsAsked') => counted.reduce((total, event) => total + event[of], 0)
  const openLoop = eventsOf(history, 'send').some(({ dueMs }) => dueMs !== undefined)
  return {
    ...(counted.length === 0 ? {} : { rawDuplicates: sum('rawDuplicates'), gapsAsked: sum('gapsAsked') }),
    ...(askedPrompts(history).length === 0 ? {} : { promptsUnserved: unserved(history).length }),
    ...(openLoop ? { sentLateP99Ms: lateP99Ms(history) } : {}),
  }
}
