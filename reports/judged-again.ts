import type { Finding, Reason, Verdict } from '#evidence/finding'
import type { ArmVerdict, Role } from '#evidence/judge'
import type { LoadDocument } from '#evidence/load-document'
import type { RunDocument } from '#evidence/run-document'
import { wrap } from '../services/terminal/text.ts'
import { findingText, verdictText } from './finding-words.ts'
import { loadLimitText } from './load/words.ts'
import { roleOf } from './words.ts'

/** What `npm run check` prints: today's verdict, and changes since the run. Pure. */

interface Judged<V> {
  verdict: V
  why: Reason
  checks: readonly Finding[]
}

interface Again {
  verdict: Verdict
  arms: readonly (Judged<ArmVerdict> & { name: string; role: Role; storedVerdict: string })[]
  missing: readonly string[]
}

const head = (what: string, verdict: Verdict, then: Verdict) =>
  `${verdict.toUpperCase()} ${what}: ${verdict === then ? 'the same verdict as when it ran' : `it was ${then} when it ran`}`
const was = (verdict: string, then: string) => (verdict === then ? verdict : `${verdict} (was ${then})`)

export function runJudgedAgain(
  { scenario, seed, verdict: then, arms: stored }: RunDocument,
  { verdict, arms, missing }: Again,
  width = 80,
): string {
  return [
    head(`${scenario}, seed ${seed}`, verdict, then),
    ...arms.flatMap((arm, i) =>
      wrap(`  ${roleOf(stored[i] ?? arm).padEnd(7)} ${was(arm.verdict, arm.storedVerdict)}  `, `${arm.name}: ${verdictText(arm)}`, width),
    ),
    ...missing.flatMap(name => wrap('  missing  ', `${name}: the run does not hold this arm of the scenario`, width)),
  ].join('\n')
}

export function loadJudgedAgain(document: LoadDocument, { verdict, why, checks }: Judged<Verdict>, width = 80): string {
  const then = (name: string) => document.checks.find(check => check.name === name)?.verdict ?? 'not judged'
  return [
    head(`load test of ${document.workload}, seed ${document.seed}`, verdict, document.verdict),
    ...wrap('  ', verdictText({ why, checks }), width),
    ...checks.flatMap(check => wrap(`  check ${was(check.verdict, then(check.name))}  `, `${check.name}: ${findingText(check)}`, width)),
    ...document.thresholds.flatMap(limit => wrap(`  limit ${limit.verdict}  `, loadLimitText(limit, document.timeScale), width)),
  ].join('\n')
}
