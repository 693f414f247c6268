import type { HistoryEvent } from '#evidence/history'
import { type JudgedArm, judgeArm, judgeRun, type RunVerdict } from '#evidence/judge'
import type { RunDocument } from '#evidence/run-document'
import { checksOf, type Scenario } from './index.ts'

export interface JudgedAgain {
  verdict: RunVerdict
  arms: (JudgedArm & { storedVerdict: string })[]
  /** Arms missing in the run: it was cut short, or is older. */
  missing: string[]
}

/** Judges a stored history by today's checks and controls. Pure. Arm missing: unknown at best. */
export function judgeAgain(
  scenario: Scenario,
  document: RunDocument,
  histories: ReadonlyMap<string, readonly HistoryEvent[]>,
): JudgedAgain {
  const arms = document.arms.map(arm => {
    const control = scenario.controls.find(other => other.name === arm.name)
    const spec = control ?? scenario.arms.find(other => other.name === arm.name)
    const history = { ...arm.facts, events: histories.get(arm.name) ?? [] }
    const lists = control === undefined ? {} : { breaks: control.breaks, mayBreak: control.mayBreak }
    return { ...judgeArm(history, checksOf(scenario, spec), { ...arm, ...lists }), storedVerdict: arm.verdict }
  })
  const held = new Set(arms.map(arm => arm.name))
  const missing = [...scenario.arms, ...scenario.controls].map(arm => arm.name).filter(name => !held.has(name))
  const verdict = judgeRun(arms)
  return { verdict: verdict === 'pass' && missing.length > 0 ? 'unknown' : verdict, arms, missing }
}
