import { eventsOf, type History } from './history.ts'
import type { Check, Finding, Verdict } from './verdict.ts'

/** From findings to verdicts. Unknown is not pass. */

export type Role = 'claim' | 'control'
/** A control `broke` when its named check failed and nothing outside its list did. */
export type ArmVerdict = Verdict | 'broke'
export type RunVerdict = Verdict

export interface JudgedArm {
  name: string
  role: Role
  verdict: ArmVerdict
  /** Why, in one sentence. */
  detail: string
  findings: Finding[]
}

export interface ArmRole {
  name: string
  role: Role
  breaks?: string | undefined
  mayBreak?: readonly string[] | undefined
}

/** Judges one arm by its history. */
export function judgeArm(history: History, checks: readonly Check[], arm: ArmRole): JudgedArm {
  const findings = checks.map(check => check.judge(history))
  const judged = arm.role === 'claim' ? claimVerdict(findings) : controlVerdict(findings, arm.breaks ?? '', arm.mayBreak ?? [])
  const unproven = unprovenOf(history)
  // A failure that was seen stays one; anything else proves nothing if the arm was not what it should have been.
  const doubted = unproven !== undefined && judged.verdict !== 'fail' ? { verdict: 'unknown' as const, detail: unproven } : judged
  return { name: arm.name, role: arm.role, findings, ...doubted }
}

function claimVerdict(findings: readonly Finding[]): { verdict: ArmVerdict; detail: string } {
  const failed = findings.find(finding => finding.verdict === 'fail')
  if (failed !== undefined) return { verdict: 'fail', detail: `${failed.check}: ${failed.detail}` }
  const unknown = findings.find(finding => finding.verdict === 'unknown')
  if (unknown !== undefined) return { verdict: 'unknown', detail: `${unknown.check}: ${unknown.detail}` }
  if (findings.length === 0) return { verdict: 'unknown', detail: 'no check judged this arm' }
  return { verdict: 'pass', detail: `${findings.length} checks passed` }
}

function controlVerdict(
  findings: readonly Finding[],
  breaks: string,
  mayBreak: readonly string[],
): { verdict: ArmVerdict; detail: string } {
  const named = findings.find(finding => finding.check === breaks)
  const outside = findings.find(finding => finding.verdict === 'fail' && finding.check !== breaks && !mayBreak.includes(finding.check))
  if (named === undefined) return { verdict: 'unknown', detail: `${breaks} did not judge this arm` }
  if (named.verdict !== 'fail') return { verdict: 'unknown', detail: `${breaks} did not break: ${named.verdict}, ${named.detail}` }
  if (named.witnesses.length === 0) return { verdict: 'unknown', detail: `${breaks} failed without a witness` }
  if (outside !== undefined)
    return { verdict: 'unknown', detail: `${outside.check} broke too, which has nothing to do with it: ${outside.detail}` }
  return { verdict: 'broke', detail: `${named.check}: ${named.detail}` }
}

/** A setting that the part does not show, or a fault that was not seen to work. */
function unprovenOf(history: History): string | undefined {
  const setting = eventsOf(history, 'setting').find(event => event.expected !== event.seen)
  if (setting !== undefined) return `${setting.part} shows ${setting.setting} = ${setting.seen}, expected ${setting.expected}`
  const fault = eventsOf(history, 'fault').find(event => event.proof === undefined)
  return fault && `${fault.part}: ${fault.action} was not seen to work`
}

/** `pass` only if every claim arm passed and every control broke. */
export function judgeRun(arms: readonly JudgedArm[]): RunVerdict {
  if (arms.some(arm => arm.verdict === 'fail')) return 'fail'
  const sound = arms.length > 0 && arms.every(arm => (arm.role === 'claim' ? arm.verdict === 'pass' : arm.verdict === 'broke'))
  return sound ? 'pass' : 'unknown'
}
