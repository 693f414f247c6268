import { handOverChanged } from './hand-over.ts'
import { eventsOf, type History } from './history.ts'
import { type Check, endOf, type Finding, tooNoisy, unrest, type Verdict } from './verdict.ts'

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
  const judged =
    arm.role === 'claim'
      ? claimVerdict(findings.filter(standing(history, checks)), findings, unrest(history))
      : controlVerdict(findings, arm.breaks ?? '', arm.mayBreak ?? [], unended(history))
  const unproven = unprovenOf(history)
  // A failure that was seen stays one; anything else proves nothing if the arm was not what it should have been.
  const doubted = unproven !== undefined && judged.verdict !== 'fail' ? { verdict: 'unknown' as const, detail: unproven } : judged
  return { name: arm.name, role: arm.role, findings, ...doubted }
}

/** Which failures stand, however the arm ended: of a script that was cut short only those that more time could not have mended; after an error none,
 *  since what was recorded may lack anything. */
function standing(history: History, checks: readonly Check[]): (finding: Finding) => boolean {
  const ended = endOf(history)?.ended
  const patient = new Set(checks.filter(({ kind }) => kind?.needsRest !== true && kind?.timed !== true).map(({ name }) => name))
  return ({ check, verdict }) => verdict === 'fail' && ended !== 'error' && (ended !== 'cut-short' || patient.has(check))
}

/** Why a control cannot have broken: it neither came to rest nor to the condition of its own. */
const unended = (history: History) => (endOf(history)?.ended === 'own-condition' ? undefined : unrest(history))

function claimVerdict(
  failures: readonly Finding[],
  findings: readonly Finding[],
  restless: string | undefined,
): { verdict: ArmVerdict; detail: string } {
  const [failed] = failures
  if (failed !== undefined) return { verdict: 'fail', detail: `${failed.check}: ${failed.detail}` }
  if (restless !== undefined) return { verdict: 'unknown', detail: restless }
  const unknown = findings.find(finding => finding.verdict === 'unknown')
  if (unknown !== undefined) return { verdict: 'unknown', detail: `${unknown.check}: ${unknown.detail}` }
  if (findings.length === 0) return { verdict: 'unknown', detail: 'no check judged this arm' }
  return { verdict: 'pass', detail: `${findings.length} checks passed` }
}

function controlVerdict(
  findings: readonly Finding[],
  breaks: string,
  mayBreak: readonly string[],
  restless: string | undefined,
): { verdict: ArmVerdict; detail: string } {
  const named = findings.find(finding => finding.check === breaks)
  const outside = findings.find(finding => finding.verdict === 'fail' && finding.check !== breaks && !mayBreak.includes(finding.check))
  if (restless !== undefined) return { verdict: 'unknown', detail: restless }
  if (named === undefined) return { verdict: 'unknown', detail: `${breaks} did not judge this arm` }
  if (named.verdict !== 'fail') return { verdict: 'unknown', detail: `${breaks} did not break: ${named.verdict}, ${named.detail}` }
  if (named.witnesses.length === 0) return { verdict: 'unknown', detail: `${breaks} failed without a witness` }
  if (outside !== undefined)
    return { verdict: 'unknown', detail: `${outside.check} broke too, which has nothing to do with it: ${outside.detail}` }
  return { verdict: 'broke', detail: `${named.check}: ${named.detail}` }
}

/** Whether an arm is unknown because of the machine: others kept it busy, so that times said nothing or a wait ran out, or it changed under the prediction. */
export function unknownByNoise(history: History, { verdict, detail }: Pick<JudgedArm, 'verdict' | 'detail'>): boolean {
  const why = [tooNoisy(history), handOverChanged(history)]
  return verdict === 'unknown' && why.some(noise => noise !== undefined && detail.includes(noise))
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
