import type { RunDocument } from '#checks/run-document'
import { EXIT } from '#contracts/parts'

/** What `npm run -s scenario -- … --json` prints. Keys are stable; more may be added. */
export function resultDocument(runs: readonly { document: RunDocument; folder: string }[], skipped = 0) {
  const count = (verdict: RunDocument['verdict']) => runs.filter(({ document }) => document.verdict === verdict).length
  return {
    schemaVersion: 1,
    runs: runs.map(({ document, folder }) => ({
      scenario: document.scenario,
      seed: document.seed,
      size: document.size,
      runtime: document.runtime,
      broker: document.versions.broker,
      verdict: document.verdict,
      tookMs: document.tookMs,
      folder,
      replay: document.command,
      arms: document.arms.map(({ name, role, verdict, detail, checks, measures, predicted }) => ({
        name,
        role,
        verdict,
        detail,
        checks: checks.map(check => ({ name: check.name, verdict: check.verdict, detail: check.detail })),
        measures,
        predicted,
      })),
    })),
    passed: count('pass'),
    failed: count('fail'),
    unknown: count('unknown'),
    skipped,
  }
}

/** Unknown is not pass. @param errors what was thrown beside the runs: an operating error says itself what it is worth; after a bug nothing is known */
export function exitCodeOf(runs: readonly Pick<RunDocument, 'verdict'>[], errors: readonly unknown[] = []): number {
  if (runs.some(run => run.verdict === 'fail')) return EXIT.failed
  const codes = errors.map(exitCodeOfError)
  const told = codes.find(code => code !== EXIT.unknown)
  if (told !== undefined) return told
  return codes.length > 0 || runs.some(run => run.verdict === 'unknown') ? EXIT.unknown : EXIT.ok
}

/** 1 is for a claim that failed, and no error is that. */
function exitCodeOfError(error: unknown): number {
  const code = error instanceof Error && 'exitCode' in error ? error.exitCode : undefined
  return typeof code !== 'number' ? EXIT.unknown : code === EXIT.failed ? EXIT.environment : code
}
