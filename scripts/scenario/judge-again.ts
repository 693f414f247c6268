import type { HistoryEvent } from '#checks/history'
import { type JudgedArm, judgeArm, judgeRun, type RunVerdict } from '#checks/judge'
import type { RunDocument } from '#checks/run-document'
import { checksOf, type Scenario } from '#lab'

export interface JudgedAgain {
  verdict: RunVerdict
  arms: (JudgedArm & { storedVerdict: string })[]
}

/** Judges a stored run by today's checks: its history is all that they look at. Pure. */
export function judgeAgain(
  scenario: Scenario,
  document: RunDocument,
  histories: ReadonlyMap<string, readonly HistoryEvent[]>,
): JudgedAgain {
  const arms = document.arms.map(arm => {
    const spec = [...scenario.arms, ...scenario.controls].find(other => other.name === arm.name)
    const history = { ...arm.facts, events: histories.get(arm.name) ?? [] }
    return { ...judgeArm(history, checksOf(scenario, spec), arm), storedVerdict: arm.verdict }
  })
  return { verdict: judgeRun(arms), arms }
}

export function judgedText(document: RunDocument, { verdict, arms }: JudgedAgain): string {
  const lines = arms.map(arm => {
    const differs = arm.verdict === arm.storedVerdict ? '' : ` (was ${arm.storedVerdict})`
    return `  ${arm.role === 'control' ? 'control' : 'claim  '} ${arm.verdict}${differs}  ${arm.name}: ${arm.detail}`
  })
  const differs = verdict === document.verdict ? 'as it was judged then' : `it was ${document.verdict} when it ran`
  return [`${verdict.toUpperCase()} ${document.scenario}, seed ${document.seed}: ${differs}`, ...lines].join('\n')
}
