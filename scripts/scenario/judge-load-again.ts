import { z } from 'zod'
import type { HistoryEvent } from '#evidence/history'
import { type JudgedArm, judgeArm } from '#evidence/judge'
import type { LoadDocument } from '#evidence/load-document'
import { BadRun } from '#evidence/store/bad-run'
import { LOAD_ARM } from '#evidence/store/run-folder'
import { tooNoisy } from '#evidence/verdict'
import { loadVerdict } from '../../loadtest/engine/judge.ts'
import { checksFor } from '../../loadtest/engine/judged.ts'

/** What of a stored plan says which checks there are. */
const Kinds = z.object({ traffic: z.array(z.object({ kind: z.enum(['chat', 'bot']) })).min(1) })

export interface LoadJudgedAgain {
  verdict: LoadDocument['verdict']
  detail: string
  findings: JudgedArm['findings']
}

/** Judges a stored load test by today's checks; its limits are those that were measured then. Pure. Throws BadRun where nothing was recorded to judge. */
export function judgeLoadAgain(document: LoadDocument, histories: ReadonlyMap<string, readonly HistoryEvent[]>): LoadJudgedAgain {
  const { engine, facts, thresholds, generatorBound, generator } = document
  const plan = Kinds.safeParse(document.plan)
  if (engine !== 'built-in' || facts === null || !plan.success)
    throw new BadRun(
      `check: expected a load test with a history of single messages, got one of ${document.workload} by ${engine}, which ${engine === 'built-in' ? 'holds no plan or no facts to judge by' : 'records none'}\nIts figures are shown by: npm run report -- FOLDER`,
    )
  const history = { ...facts, events: histories.get(LOAD_ARM) ?? [] }
  const judged = judgeArm(history, checksFor(plan.data, facts.sequenced), { name: LOAD_ARM, role: 'claim' })
  const told = loadVerdict(judged, thresholds, generatorBound ? `the generator was the limit: ${generator.because}` : tooNoisy(history))
  // Interrupted, or a part ended: what the history of single messages does not tell.
  const isCut = told.verdict === 'pass' && document.verdict === 'unknown'
  return { ...(isCut ? { verdict: 'unknown', detail: document.detail } : told), findings: judged.findings }
}

export function loadJudgedText(document: LoadDocument, { verdict, detail, findings }: LoadJudgedAgain): string {
  const then = (name: string) => document.checks.find(check => check.name === name)?.verdict ?? 'not judged'
  const checks = findings.map(finding => {
    const differs = finding.verdict === then(finding.check) ? '' : ` (was ${then(finding.check)})`
    return `  check ${finding.verdict}${differs}  ${finding.check}: ${finding.detail}`
  })
  const limits = document.thresholds.map(
    ({ name, verdict: held, measure, value }) => `  limit ${held}  ${name}: ${measure} was ${value.toFixed(1)}`,
  )
  const differs = verdict === document.verdict ? 'as it was judged then' : `it was ${document.verdict} when it ran`
  return [
    `${verdict.toUpperCase()} load test of ${document.workload}, seed ${document.seed}: ${differs}`,
    `  ${detail}`,
    ...checks,
    ...limits,
  ].join('\n')
}
