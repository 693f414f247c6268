import type { Finding, Reason, Verdict } from '#evidence/finding'
import type { ArmVerdict, Role } from '#evidence/judge'
import type { LoadDocument } from '#evidence/load-document'
import type { RunDocument } from '#evidence/run-document'
import { findingText, judgedText } from './finding-words.ts'
import { loadLimitText } from './load/words.ts'

/** What `npm run check` prints: a stored run by today's checks, and where that differs from its verdict then. Pure. */

interface Judged<V> {
  verdict: V
  why: Reason
  findings: readonly Finding[]
}

interface Again {
  verdict: Verdict
  arms: readonly (Judged<ArmVerdict> & { name: string; role: Role; storedVerdict: string })[]
  missing: readonly string[]
}

const head = (what: string, verdict: Verdict, then: Verdict) =>
  `${verdict.toUpperCase()} ${what}: ${verdict === then ? 'the same verdict as when it ran' : `it was ${then} when it ran`}`
const was = (verdict: string, then: string) => (verdict === then ? verdict : `${verdict} (was ${then})`)

export function runJudgedAgain({ scenario, seed, verdict: then }: RunDocument, { verdict, arms, missing }: Again): string {
  return [
    head(`${scenario}, seed ${seed}`, verdict, then),
    ...arms.map(
      ({ name, role, verdict: own, why, findings, storedVerdict }) =>
        `  ${role.padEnd(7)} ${was(own, storedVerdict)}  ${name}: ${judgedText(why, findings)}`,
    ),
    ...missing.map(name => `  missing  ${name}: the run does not hold this arm of the scenario`),
  ].join('\n')
}

export function loadJudgedAgain(document: LoadDocument, { verdict, why, findings }: Judged<Verdict>): string {
  const then = (name: string) => document.checks.find(check => check.name === name)?.verdict ?? 'not judged'
  return [
    head(`load test of ${document.workload}, seed ${document.seed}`, verdict, document.verdict),
    `  ${judgedText(why, findings)}`,
    ...findings.map(finding => `  check ${was(finding.verdict, then(finding.check))}  ${finding.check}: ${findingText(finding)}`),
    ...document.thresholds.map(limit => `  limit ${limit.verdict}  ${loadLimitText(limit)}`),
  ].join('\n')
}
