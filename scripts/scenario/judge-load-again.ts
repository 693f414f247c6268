import { z } from 'zod'
import type { Reason } from '#evidence/finding'
import type { HistoryEvent } from '#evidence/history'
import { type JudgedArm, judgeArm } from '#evidence/judge'
import { generatorBound, type LoadDocument } from '#evidence/load-document'
import { tooNoisy } from '#evidence/noise'
import { BadRun } from '#evidence/store/bad-run'
import { LOAD_ARM } from '#evidence/store/run-folder'
import { loadVerdict } from '../../loadtest/engine/judge.ts'
import { checksFor } from '../../loadtest/engine/judged.ts'

/** What of a stored plan says which checks there are. */
const Kinds = z.object({ traffic: z.array(z.object({ kind: z.enum(['chat', 'bot']) })).min(1) })

export interface LoadJudgedAgain {
  verdict: LoadDocument['verdict']
  why: Reason
  checks: JudgedArm['checks']
}

/** A stored load test by today's checks and its own limits. Pure. Throws BadRun without events. */
export function judgeLoadAgain(document: LoadDocument, histories: ReadonlyMap<string, readonly HistoryEvent[]>): LoadJudgedAgain {
  const { engine, facts, thresholds } = document
  const plan = Kinds.safeParse(document.plan)
  if (facts === null || !plan.success)
    throw new BadRun(
      `check: this load test (${document.workload} by ${engine}) has no history of single messages to judge.\nIts figures: npm run report -- FOLDER`,
    )
  const history = { ...facts, events: histories.get(LOAD_ARM) ?? [] }
  const judged = judgeArm(history, checksFor(plan.data, facts.sequenced), { name: LOAD_ARM, role: 'claim' })
  const delivered = document.perSecond.reduce((sum, second) => sum + second.delivered, 0)
  const voided = document.generatorBound ? generatorBound(document) : tooNoisy(history)
  const again = loadVerdict(judged, thresholds, voided, delivered)
  // Interrupted, or a part ended: what the history of single messages does not tell.
  const isCut = again.verdict === 'pass' && document.verdict === 'unknown'
  return { ...(isCut ? { verdict: 'unknown', why: document.why } : again), checks: judged.checks }
}
