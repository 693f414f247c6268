import { EXIT } from '#contracts/parts'
import type { Finding } from '#evidence/finding'
import type { RunDocument } from '#evidence/run-document'
import { findingText, verdictText } from '../../reports/finding-words.ts'
import { clausesOf } from '../../reports/own-worker/clauses.ts'
import type { Skipped } from '../../reports/skipped.ts'
import type { StoredRun } from '../../reports/summary.ts'
import { lastWords } from '../setup/trouble.mjs'

/** What `npm run -s scenario -- … --json` prints. Keys are stable; more may be added. */
export function resultDocument(runs: readonly StoredRun[], skipped: readonly Skipped[] = []) {
  const last = runs.filter(run => run.retried !== true)
  const count = (verdict: RunDocument['verdict']) => last.filter(({ document }) => document.verdict === verdict).length
  return {
    schemaVersion: 1,
    runs: runs.map(({ document, folder, retried }) => ({
      scenario: document.scenario,
      seed: document.seed,
      size: document.size,
      runtime: document.runtime,
      broker: document.versions.broker,
      verdict: document.verdict,
      /** Unknown, and run again: a later run of the list counts. */
      retried: retried === true,
      tookMs: document.tookMs,
      folder,
      replay: document.command,
      ...(document.asked?.own === undefined ? {} : { clauses: clausesOf(document) }),
      arms: document.arms.map(({ name, role, verdict, why, checks, measures, predicted }) => ({
        name,
        role,
        verdict,
        why,
        detail: verdictText({ why, checks }),
        checks: checks.map(check => ({ ...findingOf(check), detail: findingText(check) })),
        measures,
        predicted,
      })),
    })),
    passed: count('pass'),
    failed: count('fail'),
    unknown: count('unknown'),
    skipped: skipped.length,
    /** Those scenarios, and why: a stable code. */
    skippedScenarios: skipped,
    retried: runs.length - last.length,
  }
}

/** A finding without its witnesses: they stand in the run's folder. */
function findingOf({ name, verdict, why, breaches, found, limits, judged }: Finding) {
  return { name, verdict, why, breaches: breaches.map(({ code, values }) => ({ code, values })), found, limits, judged }
}

/** Unknown is not pass. @param errors thrown beside the runs, each with its own exit code */
export function exitCodeOf(runs: readonly Pick<RunDocument, 'verdict'>[], errors: readonly unknown[] = []): number {
  if (runs.some(run => run.verdict === 'fail')) return EXIT.failed
  const codes = errors.map(error => lastWords(error, 'scenario').exitCode)
  const worst = codes.includes(EXIT.bug) ? EXIT.bug : codes[0]
  return worst ?? (runs.some(run => run.verdict === 'unknown') ? EXIT.unknown : EXIT.ok)
}
