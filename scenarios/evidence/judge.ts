import { type Finding, type Reason, type ReasonCode, reason, type Verdict, witnessesOf } from './finding.ts'
import { eventsOf, type History } from './history.ts'
import { type Check, endOf, unrest } from './verdict.ts'

/** From findings to verdicts. Unknown is not pass. */

export type Role = 'claim' | 'control'
/** A control `broke` when its named check failed and nothing outside its list did. */
export type ArmVerdict = Verdict | 'broke'
export type RunVerdict = Verdict

interface Judged {
  verdict: ArmVerdict
  why: Reason
}

export interface JudgedArm extends Judged {
  name: string
  role: Role
  checks: Finding[]
}

export interface ArmRole {
  name: string
  role: Role
  breaks?: string | undefined
  mayBreak?: readonly string[] | undefined
}

export function judgeArm(history: History, checks: readonly Check[], arm: ArmRole): JudgedArm {
  const findings = checks.map(check => check.judge(history))
  const judged =
    arm.role === 'claim'
      ? claimVerdict(findings.filter(standing(history, checks)), findings, unrest(history))
      : controlVerdict(findings, arm.breaks ?? '', arm.mayBreak ?? [], unended(history))
  const unproven = unprovenOf(history)
  // A failure stays; anything else proves nothing if the arm's set-up failed.
  const doubted = unproven !== undefined && judged.verdict !== 'fail' ? { verdict: 'unknown' as const, why: unproven } : judged
  return { name: arm.name, role: arm.role, checks: findings, ...doubted }
}

/** Failures that stand: after a cut-short script those time cannot heal, after an error none. */
function standing(history: History, checks: readonly Check[]): (finding: Finding) => boolean {
  const ended = endOf(history)?.ended
  const patient = new Set(checks.filter(({ kind }) => kind?.needsRest !== true && kind?.timed !== true).map(({ name }) => name))
  return ({ name, verdict }) => verdict === 'fail' && ended !== 'error' && (ended !== 'cut-short' || patient.has(name))
}

/** Why a control cannot have broken: it reached neither its end nor its own condition. */
const unended = (history: History) => (endOf(history)?.ended === 'own-condition' ? undefined : unrest(history))

function claimVerdict(failures: readonly Finding[], findings: readonly Finding[], restless: Reason | undefined): Judged {
  const [failed] = failures
  if (failed !== undefined) return { verdict: 'fail', why: reason('check-failed', { check: failed.name }) }
  if (restless !== undefined) return { verdict: 'unknown', why: restless }
  const unknown = findings.find(finding => finding.verdict === 'unknown')
  if (unknown !== undefined) return { verdict: 'unknown', why: reason('check-unknown', { check: unknown.name }) }
  if (findings.length === 0) return { verdict: 'unknown', why: reason('no-check') }
  return { verdict: 'pass', why: reason('checks-passed', { checks: findings.length }) }
}

function controlVerdict(findings: readonly Finding[], breaks: string, mayBreak: readonly string[], restless: Reason | undefined): Judged {
  const unknown = (why: Reason): Judged => ({ verdict: 'unknown', why })
  const named = findings.find(finding => finding.name === breaks)
  const outside = findings.find(finding => finding.verdict === 'fail' && finding.name !== breaks && !mayBreak.includes(finding.name))
  if (restless !== undefined) return unknown(restless)
  if (named === undefined) return unknown(reason('not-judged', { check: breaks }))
  if (named.verdict !== 'fail') return unknown(reason('did-not-break', { check: breaks, verdict: named.verdict }))
  if (witnessesOf(named).length === 0) return unknown(reason('no-witness', { check: breaks }))
  if (outside !== undefined) return unknown(reason('broke-too', { check: outside.name }))
  return { verdict: 'broke', why: reason('broke', { check: breaks }) }
}

/** Reasons that lie in the machine and not in the system. */
const NOISE: ReadonlySet<string> = new Set<ReasonCode>(['noise', 'sent-late', 'gap-changed', 'gap-long'])

/** Unknown because of the machine: it was busy, or changed under the prediction. */
export function unknownByNoise({ verdict, why, checks = [] }: { verdict: ArmVerdict; why?: Reason; checks?: Finding[] }): boolean {
  const named = checks.find(({ name }) => name === why?.values['check'])
  return verdict === 'unknown' && [why, why?.beside, named?.why].some(each => each !== undefined && NOISE.has(each.code))
}

/** A setting that the part does not show, or a fault that was not seen to work. */
function unprovenOf(history: History): Reason | undefined {
  const setting = eventsOf(history, 'setting').find(event => event.expected !== event.seen)
  if (setting !== undefined) {
    const { part, setting: name, seen, expected } = setting
    return reason('setting-differs', { part, setting: name, seen, expected })
  }
  const fault = eventsOf(history, 'fault').find(event => event.proof === undefined)
  return fault && reason('fault-unproven', { part: fault.part, action: fault.action })
}

/** `pass` only if every claim arm passed and every control broke. */
export function judgeRun(arms: readonly Pick<JudgedArm, 'role' | 'verdict'>[]): RunVerdict {
  if (arms.some(arm => arm.verdict === 'fail')) return 'fail'
  const sound = arms.length > 0 && arms.every(arm => (arm.role === 'claim' ? arm.verdict === 'pass' : arm.verdict === 'broke'))
  return sound ? 'pass' : 'unknown'
}
